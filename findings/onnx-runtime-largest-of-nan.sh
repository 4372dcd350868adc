#!/usr/bin/env bash
# ONNX Runtime 1.32.0: the largest of numbers with a NaN among them, by Max and by ReduceMax.
# Guess: NaN from both, as in PyTorch and NumPy, or from neither.
# Seen: Max gives NaN whichever of its inputs has it. ReduceMax over a whole list gives NaN only where
# it stands first, and passes over it elsewhere; the reference evaluator of ONNX 1.23.2 has NaN there.
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


nan = float("nan")
for numbers, expected in (([nan, 1, 5], nan), ([1, nan, 5], 5.0), ([1, 5, nan], 5.0)):
    [[runtime], [reference]] = run("ReduceMax", np.array(numbers, np.float32), keepdims=0)
    print(numbers, "ReduceMax:", runtime, "reference:", reference)
    assert str(runtime) == str([expected]) and np.isnan(reference).all()


def binary(first, second):
    node = helper.make_node("Max", ["a", "b"], ["y"])
    info = [helper.make_tensor_value_info(name, 1, [1]) for name in "aby"]
    graph = helper.make_graph([node], "one", info[:2], info[2:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    feed = {"a": np.array([first], np.float32), "b": np.array([second], np.float32)}
    return float(session.run(None, feed)[0][0])


print("Max:", binary(nan, 1), binary(1, nan))
assert np.isnan([binary(nan, 1), binary(1, nan)]).all()
PYTHON
