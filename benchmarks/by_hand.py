"""``python -m benchmarks.by_hand CSV_FOLDER FOLDER``: the pipeline of `benchmarks.cancer` in TFX, by hand.

Its functions are named by their paths, so that TFX builds no wheel of them, and Beam runs in this process.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
import tensorflow_model_analysis as tfma
import tensorflow_transform as tft
from tfx import v1 as tfx
from tfx.components.trainer.fn_args_utils import FnArgs
from tfx.proto import example_gen_pb2
from tfx_bsl.public import tfxio

LABEL = "benign"
BATCH = 32
EPOCHS = 10


def preprocessing_fn(inputs: dict[str, Any]) -> dict[str, Any]:
    """Scale each measurement, as the tutorials of TensorFlow Transform do."""
    return {name: values if name == LABEL else tft.scale_to_z_score(values) for name, values in inputs.items()}


def run_fn(arguments: FnArgs) -> None:
    """Train a network with one hidden layer, and export it to serve and to be evaluated."""
    graph = tft.TFTransformOutput(arguments.transform_output)
    features = {name: spec for name, spec in graph.transformed_feature_spec().items() if name != LABEL}

    def read(files: list[str]) -> tf.data.Dataset:
        options = tfxio.TensorFlowDatasetOptions(batch_size=BATCH, label_key=LABEL)
        return arguments.data_accessor.tf_dataset_factory(files, options, graph.transformed_metadata.schema)

    inputs = {name: keras.Input(shape=(1,), name=name) for name in features}
    hidden = keras.layers.Dense(16, activation="relu")(keras.layers.concatenate(list(inputs.values())))
    model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(hidden))
    model.compile(optimizer=keras.optimizers.Adam(0.001), loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(
        read(arguments.train_files),
        steps_per_epoch=400 // BATCH,
        epochs=EPOCHS,
        validation_data=read(arguments.eval_files),
        validation_steps=170 // BATCH,
        verbose=0,
    )
    layer = graph.transform_features_layer()
    specs = graph.raw_feature_spec()

    class Served(tf.Module):
        """What is exported: the model behind its Transform."""

        def __init__(self) -> None:
            super().__init__()
            self.model, self.layer = model, layer

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
        def serve(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
            """Predict from serialized examples."""
            raw = {name: spec for name, spec in specs.items() if name != LABEL}
            scaled = self.layer(tf.io.parse_example(examples, raw))
            return {"outputs": self.model({name: tf.reshape(scaled[name], (-1, 1)) for name in features})}

    served = Served()
    tf.saved_model.save(served, arguments.serving_model_dir, signatures={"serving_default": served.serve})


def pipeline(data: str, folder: Path) -> Any:
    """Make the pipeline: seven components of TFX that do what the six steps and the two nodes between them do."""
    splits = example_gen_pb2.SplitConfig(
        splits=[
            example_gen_pb2.SplitConfig.Split(name="train", hash_buckets=7),
            example_gen_pb2.SplitConfig.Split(name="eval", hash_buckets=3),
        ]
    )
    examples = tfx.components.CsvExampleGen(input_base=data, output_config=example_gen_pb2.Output(split_config=splits))
    statistics = tfx.components.StatisticsGen(examples=examples.outputs["examples"])
    schema = tfx.components.SchemaGen(statistics=statistics.outputs["statistics"])
    transform = tfx.components.Transform(
        examples=examples.outputs["examples"],
        schema=schema.outputs["schema"],
        preprocessing_fn="benchmarks.by_hand.preprocessing_fn",
    )
    trainer = tfx.components.Trainer(
        run_fn="benchmarks.by_hand.run_fn",
        examples=transform.outputs["transformed_examples"],
        transform_graph=transform.outputs["transform_graph"],
        schema=schema.outputs["schema"],
        train_args=tfx.proto.TrainArgs(splits=["train"]),
        eval_args=tfx.proto.EvalArgs(splits=["eval"]),
    )
    config = tfma.EvalConfig(
        model_specs=[tfma.ModelSpec(signature_name="serving_default", label_key=LABEL)],
        slicing_specs=[tfma.SlicingSpec()],
        metrics_specs=[tfma.MetricsSpec(metrics=[tfma.MetricConfig(class_name=name) for name in METRICS])],
    )
    evaluator = tfx.components.Evaluator(
        examples=examples.outputs["examples"], model=trainer.outputs["model"], eval_config=config
    )
    destination = tfx.proto.PushDestination.Filesystem(base_directory=str(folder / "serving"))
    pusher = tfx.components.Pusher(
        model=trainer.outputs["model"], push_destination=tfx.proto.PushDestination(filesystem=destination)
    )
    return tfx.dsl.Pipeline(
        pipeline_name="cancer",
        pipeline_root=str(folder / "artifacts"),
        components=[examples, statistics, schema, transform, trainer, evaluator, pusher],
        enable_cache=True,
        metadata_connection_config=tfx.orchestration.metadata.sqlite_metadata_connection_config(
            str(folder / "metadata.db")
        ),
    )


METRICS = ("ExampleCount", "AUC", "BinaryAccuracy", "BinaryCrossEntropy")

if __name__ == "__main__":
    table, place = sys.argv[1:]
    sys.argv = sys.argv[:1]  # TFX reads the arguments of the process
    made = pipeline(table, Path(place))
    tfx.orchestration.LocalDagRunner().run(made)
