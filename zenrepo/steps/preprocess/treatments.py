"""Reads treatments of features as a user writes them, and refuses what cannot be one."""

from __future__ import annotations

from typing import Any

from zenrepo.errors import StepArgumentError, did_you_mean
from zenrepo.steps.preprocess import methods
from zenrepo.steps.preprocess.methods import (
    FILLINGS,
    METHODS,
    REQUIRED,
    Call,
    Method,
    Parameter,
    Treatment,
    given,
)

FILLING, FROM, METHOD = "filling", "from", "method"


def read(step: str, name: str, value: object) -> Treatment:
    """Read a treatment.

    Args:
        step: the class of the step.
        name: the feature, or the argument, that is treated so.
        value: the name of a method, a map with ``method`` and its parameters, ``filling`` and ``from``, or a list of
            methods that follow each other.

    Returns:
        The treatment.

    Raises:
        StepArgumentError: for an unknown method, parameter or filling, a parameter that is wrong or missing, and
            methods that cannot follow each other.
    """
    parts = value if isinstance(value, list) else [value]
    if not parts:
        raise StepArgumentError(step, f"the list of methods of '{name}' is empty", "name a method, or 'none'")
    calls: list[Call] = []
    source, filling = name, None
    for position, part in enumerate(parts):
        words = _as_map(step, name, part)
        if position == 0:
            source = _source(step, name, words.pop(FROM, name))
            filling = _filling(step, name, words.pop(FILLING)) if FILLING in words else None
        if METHOD in words or words or len(parts) > 1:
            calls.append(_call(step, name, words, METHODS, "method"))
    treatment = Treatment(source, tuple(calls), filling)
    _check_order(step, name, treatment)
    return treatment


def read_default(step: str, name: str, value: object, kind: str) -> Treatment:
    """Read the treatment of all features of a kind.

    Args:
        step: the class of the step.
        name: the argument.
        value: as for ``read``.
        kind: ``NUMBER`` or ``TEXT``.

    Returns:
        The treatment.

    Raises:
        StepArgumentError: as ``read`` does, and for one that names no method, or one that does not take the kind.
    """
    treatment = read(step, name, value)
    if not treatment.calls or treatment.source != name:
        raise StepArgumentError(step, f"'{name}' is {value!r}", "name a method, and no 'from'")
    first = treatment.calls[0].method
    if kind not in METHODS[first].takes:
        raise StepArgumentError(step, f"'{first}' of '{name}' takes {' or '.join(METHODS[first].takes)}")
    return treatment


def _as_map(step: str, name: str, part: object) -> dict[str, Any]:
    if isinstance(part, str):
        return {METHOD: part}
    if isinstance(part, dict):
        return dict(part)
    raise StepArgumentError(
        step, f"the treatment of '{name}' is {part!r}", "give the name of a method, or a map with 'method'"
    )


def _source(step: str, name: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise StepArgumentError(step, f"'{name}' is made from {value!r}", "name a feature after 'from'")
    return value


def _filling(step: str, name: str, value: object) -> Call:
    """Read a filling: its name, a map with ``method``, or a number, which is a constant."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = {METHOD: "constant", "value": value}
    if value == "constant":
        raise StepArgumentError(
            step, f"the filling 'constant' of '{name}' has no value", "give {method: constant, value: …}"
        )
    return _call(step, name, _as_map(step, name, value), FILLINGS, FILLING)


def _call(step: str, name: str, words: dict[str, Any], known: dict[str, Method], what: str) -> Call:
    method = words.pop(METHOD, None)
    if method not in known:
        listed = f"there are {', '.join(known)}"
        hint = (did_you_mean(method, known) if isinstance(method, str) else "") or listed
        raise StepArgumentError(step, f"there is no {what} {method!r}, which '{name}' names", hint)
    parameters = known[method].parameters or {}
    for word in words:
        if word not in parameters:
            taken = f"it takes {', '.join(parameters)}" if parameters else "it takes none"
            hint = did_you_mean(word, parameters) or taken
            raise StepArgumentError(step, f"'{method}' of '{name}' takes no '{word}'", hint)
    taken_as = {word: words.get(word, parameter.default) for word, parameter in parameters.items()}
    for word, parameter in parameters.items():
        if word in words:
            _check_parameter(step, f"'{word}' of '{method}' of '{name}'", words[word], parameter)
        elif parameter.default == REQUIRED:
            raise StepArgumentError(step, f"'{method}' of '{name}' has no '{word}'", f"give a {parameter.kind}")
    call = Call(str(method), taken_as)
    _check_call(step, name, call)
    return call


def _check_parameter(step: str, what: str, value: object, parameter: Parameter) -> None:
    if not _is(value, parameter.kind):
        raise StepArgumentError(step, f"{what} is {value!r}, not a {parameter.kind}")
    if parameter.choices and value not in parameter.choices:
        listed = " or ".join(repr(choice) for choice in parameter.choices)
        raise StepArgumentError(step, f"{what} is {value!r}", f"give {listed}")


def _is(value: object, kind: str) -> bool:
    """Whether a value is what a parameter must be."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    whole = isinstance(value, int) and not isinstance(value, bool)
    match kind:
        case methods.POSITIVE_WHOLE:
            return whole and isinstance(value, int) and value > 0
        case methods.WHOLE:
            return whole
        case methods.ANY_NUMBER:
            return number
        case methods.ANY_TEXT:
            return isinstance(value, str)
        case methods.YES_NO:
            return isinstance(value, bool)
    return _is_list(value, kind) if isinstance(value, list) else kind == "number or text" and _number_or_text(value)


def _is_list(value: list[object], kind: str) -> bool:
    if kind == methods.NUMBERS:
        return bool(value) and all(_is(item, methods.ANY_NUMBER) for item in value)
    whole = bool(value) and all(_is(item, methods.POSITIVE_WHOLE) for item in value)
    return whole and (kind == methods.WHOLES or (kind == methods.RANGE and len(value) == 2))


def _number_or_text(value: object) -> bool:
    return isinstance(value, str) or _is(value, methods.ANY_NUMBER)


def _check_call(step: str, name: str, call: Call) -> None:
    """Refuse parameters that contradict each other."""
    rising: dict[str, list[Any]] = {
        "scale_by_min_max": [call.parameters.get("output_min"), call.parameters.get("output_max")],
        "clip": [call.parameters.get("min"), call.parameters.get("max")],
        "apply_buckets": call.parameters.get("boundaries", []),
    }
    values = [value for value in rising.get(call.method, []) if value is not None]
    if call.method == "clip" and not values:
        raise StepArgumentError(step, f"'clip' of '{name}' has no bound", "give 'min', 'max' or both")
    if values != sorted(set(values)) or not _is_range(call.parameters.get("ngram_range", [1, 1])):
        shown = ", ".join(f"{key} {value}" for key, value in call.parameters.items())
        raise StepArgumentError(step, f"'{call.method}' of '{name}' has {shown}", "let them rise")


def _is_range(bounds: list[int]) -> bool:
    return bounds[0] <= bounds[1]


def _check_order(step: str, name: str, treatment: Treatment) -> None:
    """Refuse methods that cannot follow each other, whatever the feature's type is."""
    calls = treatment.calls
    if any(call.method in ("none", "drop") for call in calls) and len(calls) > 1:
        raise StepArgumentError(step, f"'{name}' has 'none' or 'drop' beside other methods", "let it stand alone")
    kind = ""
    for before, call in zip((None, *calls), calls, strict=False):
        takes = METHODS[call.method].takes
        if kind and kind not in takes:
            assert before is not None
            raise StepArgumentError(
                step,
                f"'{call.method}' of '{name}' takes {' or '.join(takes)}, but '{before.method}' gives {kind}",
                "change the order, or leave one out",
            )
        kind = given(call, kind or (takes[0] if len(takes) == 1 else ""))
    _check_filling(step, name, treatment)


def _check_filling(step: str, name: str, treatment: Treatment) -> None:
    if treatment.filling is None or not treatment.calls:
        return
    first, fills = METHODS[treatment.calls[0].method].takes, FILLINGS[treatment.filling.method].takes
    if len(first) == 1 and first[0] not in fills:
        raise StepArgumentError(
            step, f"the filling '{treatment.filling.method}' of '{name}' is for {fills[0]}", f"'{name}' is {first[0]}"
        )
