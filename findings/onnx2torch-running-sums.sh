#!/usr/bin/env bash
# onnx2torch 1.5.15 and two small operators of ONNX: CumSum, and NonZero, the places of what is not
# 0.
# Guess: as ONNX's own reference evaluator has it: 1, 3, 6, 10 for 1, 2, 3, 4; and one row of
# places for each axis.
# Seen: 10, 9, 7, 4. A file that does not say which way to sum is summed from the end, which ONNX
# does only where the file says so; with the flag written out, both ways are right. The places come
# one row for each number found, turned over; where as many numbers as axes are found, the shape is
# right and the places are wrong.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    onnx2torch==1.5.15 onnx==1.23.2 torch==2.15.0 torchvision==0.29.2
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
import torch
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from onnx2torch import convert


def both(kind, x, constants=(), **attributes):
    names = [f"c{i}" for i in range(len(constants))]
    node = helper.make_node(kind, ["x", *names], ["y"], **attributes)
    graph = helper.make_graph(
        [node],
        kind,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)],
        [helper.make_tensor_value_info("y", TensorProto.UNDEFINED, None)],
        [numpy_helper.from_array(*each) for each in zip(constants, names)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    [right] = ReferenceEvaluator(model).run(None, {"x": x})
    found = convert(model).eval()(torch.from_numpy(x)).numpy()
    print(kind, attributes, "ONNX:", right.tolist(), "onnx2torch:", found.tolist())
    return right.tolist(), found.tolist()


x = np.array([1, 2, 3, 4], np.float32)
axis = np.array(0, np.int64)
assert both("CumSum", x, [axis]) == ([1, 3, 6, 10], [10, 9, 7, 4])
assert both("CumSum", x, [axis], reverse=0) == ([1, 3, 6, 10], [1, 3, 6, 10])
assert both("CumSum", x, [axis], reverse=1) == ([10, 9, 7, 4], [10, 9, 7, 4])
x = np.array([[0, 0], [5, 7]], np.float32)
assert both("NonZero", x) == ([[1, 1], [0, 1]], [[1, 0], [1, 1]])
PYTHON
