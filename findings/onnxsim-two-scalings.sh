#!/usr/bin/env bash
# onnxsim 0.8.1: a number scaled twice, on ONNX Runtime 1.32.0.
# Guess: a simplified model rounds as the model did; what floats do in order is kept.
# Seen: x * 1e-30 * 1e-30 becomes x times the product of the two constants, which is 0 in float32:
# 1e30 gave 1e-30 and gives 0. The other way, an infinity turns into a number. A loss scale that is
# applied and taken back ends up in one constant. onnxslim 0.1.98 leaves both alone.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check onnxsim==0.8.1 onnxslim==0.1.98 onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
import onnxruntime
import onnxsim
import onnxslim
from onnx import helper, numpy_helper
from onnx.shape_inference import infer_shapes

onnxruntime.set_default_logger_severity(4)


def build(nodes, x, constants, kind=None):
    kind = kind or helper.np_dtype_to_tensor_dtype(x.dtype)
    graph = helper.make_graph(
        nodes,
        "one",
        [helper.make_tensor_value_info("x", helper.np_dtype_to_tensor_dtype(x.dtype), x.shape)],
        [helper.make_tensor_value_info("y", kind, x.shape)],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    return infer_shapes(model)


def run(model, x):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return session.run(None, {"x": x})[0].tolist()



x = np.array([1e30], np.float32)
nodes = [
    helper.make_node("Mul", ["x", "first"], ["a"]),
    helper.make_node("Mul", ["a", "second"], ["y"]),
]
for first, second, expected in ((1e-30, 1e-30, (1e-30, 0.0)), (1e30, 1e-30, (np.inf, 1e30))):
    constants = {"first": np.array(first, np.float32), "second": np.array(second, np.float32)}
    model = build(nodes, x, constants)
    [before], [after] = run(model, x), run(onnxsim.simplify(model)[0], x)
    [slim] = run(onnxslim.slim(model), x)
    print(f"1e30 * {first} * {second}:", before, "simplified:", after, "by onnxslim:", slim)
    assert np.allclose([before, after], expected, atol=0) and slim == before
PYTHON
