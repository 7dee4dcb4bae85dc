"""The conductor: launches the nodes of a plan, asks the cache, records; without TensorFlow and Beam."""
