#!/usr/bin/env bash
# ONNX Runtime 1.32.0: MaxPool of a window that begins with a NaN, with and without its second output,
# the places of the winners.
# Guess: the values do not depend on whether the places are asked for.
# Seen: they do. Alone the value is the largest plain number; with the places it is NaN, at place 0.
# The reference evaluator of ONNX 1.23.2 has the plain number both times.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
import onnxruntime
from onnx import helper
from onnx.reference import ReferenceEvaluator
from onnx.shape_inference import infer_shapes

onnxruntime.set_default_logger_severity(4)


def run(op, x, n_outputs=1, **attributes):
    """Returns what the runtime and the reference evaluator make of one node."""
    outputs = [f"y{number}" for number in range(n_outputs)]
    node = helper.make_node(op, ["x"], outputs, **attributes)
    kind = helper.np_dtype_to_tensor_dtype(x.dtype)
    graph = helper.make_graph(
        [node],
        "one",
        [helper.make_tensor_value_info("x", kind, x.shape)],
        [helper.make_empty_tensor_value_info(output) for output in outputs],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    session = onnxruntime.InferenceSession(infer_shapes(model).SerializeToString())
    both = session.run(None, {"x": x}), ReferenceEvaluator(model).run(None, {"x": x})
    return [[np.asarray(y).ravel().tolist() for y in outputs] for outputs in both]


x = np.array([np.nan, 1, 5], np.float32).reshape(1, 1, 3)
alone, reference = run("MaxPool", x, 1, kernel_shape=[3])
both, reference_of_both = run("MaxPool", x, 2, kernel_shape=[3])
print("alone:", alone, "with places:", both, "reference:", reference, reference_of_both)
assert alone == [[5.0]]
assert np.isnan(both[0]).all() and both[1] == [0]
assert reference == [[5.0]] and reference_of_both == [[5.0], [2]]
PYTHON
