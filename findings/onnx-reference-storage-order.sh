#!/usr/bin/env bash
# MaxPool in ONNX can count the places of its winners down the columns (storage_order = 1).
# Guess: the reference evaluator of ONNX 1.23.2 counts as ONNX Runtime 1.32.0 does.
# Seen: it does not. On a map of 2 rows and 4 columns the winners (1, 1), (1, 2) and (1, 3) are the
# places 3, 5 and 7 down the columns; the runtime says so, the reference says 4, 5 and 6.
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


x = np.arange(8, dtype=np.float32).reshape(1, 1, 2, 4)
runtime, reference = run("MaxPool", x, 2, kernel_shape=[2, 2], storage_order=1)
print("values:", runtime[0], "places:", runtime[1], "reference:", reference[1])
assert runtime[0] == reference[0] == [5.0, 6.0, 7.0]
assert runtime[1] == [3, 5, 7] and reference[1] == [4, 5, 6]
PYTHON
