#!/usr/bin/env bash
# The optimizer of onnxscript 0.7.2, two limits one after the other, on ONNX Runtime 1.32.0.
# Guess: an optimized model computes what it did.
# Seen: it does not where the limits do not overlap. Clip to [0, 1] and then to [2, 3] gives 2
# always and 1 once optimized; Clip to [-2, -1] and then Relu gives 0, and -1 once optimized. The
# two become one Clip whose lower limit lies above its upper one, and then the upper one holds.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check onnxscript==0.7.2 onnx-ir==1.1.0 onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
import onnxruntime
import onnxscript.optimizer
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



x = np.array([-3.0, 1.5, 5.0], np.float32)
names = ("zero", 0.0), ("one", 1.0), ("two", 2.0), ("three", 3.0), ("low", -2.0), ("high", -1.0)
constants = {name: np.array(value, np.float32) for name, value in names}
first = helper.make_node("Clip", ["x", "zero", "one"], ["a"])
second = helper.make_node("Clip", ["a", "two", "three"], ["y"])
below = helper.make_node("Clip", ["x", "low", "high"], ["a"])
relu = helper.make_node("Relu", ["a"], ["y"])
for name, nodes, expected in (
    ("Clip and Clip", [first, second], ([2.0] * 3, [1.0] * 3)),
    ("Clip and Relu", [below, relu], ([0.0] * 3, [-1.0] * 3)),
):
    model = build(nodes, x, constants)
    before = run(model, x)
    optimized = onnxscript.optimizer.optimize(model)
    after = run(optimized, x)
    print(name, "before:", before, "after:", after, [node.op_type for node in optimized.graph.node])
    assert (before, after) == expected
PYTHON
