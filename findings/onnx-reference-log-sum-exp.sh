#!/usr/bin/env bash
# ReduceLogSumExp of nothing but minus infinity, the logarithm of a sum of zeros.
# Guess: minus infinity, by ONNX Runtime 1.32.0 and by the reference evaluator of ONNX 1.23.2.
# Seen: the reference evaluator gives NaN: it takes the largest off first, and so infinity off itself.
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


x = np.array([-np.inf, -np.inf])
[[runtime], [reference]] = run("ReduceLogSumExp", x, keepdims=0)
print("runtime:", runtime, "reference:", reference)
assert runtime == [-np.inf] and np.isnan(reference).all()
PYTHON
