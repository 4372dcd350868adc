#!/usr/bin/env bash
# ONNX Runtime 1.32.0: ReduceSum of whole numbers.
# Guess: exact, or wrapped around as in NumPy 2.4.6: int64 and int32 are among its types.
# Seen: a sum of int64 is rounded as a float64 is, of one number even: 9007199254740993 alone sums
# to 9007199254740992, while ReduceMax hands it back whole. A sum of int32 stops at 2147483647 where
# NumPy wraps. Counts and hashes that a model sums are not safe.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
import onnxruntime
from onnx import helper

onnxruntime.set_default_logger_severity(4)


def run(op, x):
    kind = helper.np_dtype_to_tensor_dtype(x.dtype)
    graph = helper.make_graph(
        [helper.make_node(op, ["x"], ["y"], keepdims=0)],
        "one",
        [helper.make_tensor_value_info("x", kind, x.shape)],
        [helper.make_tensor_value_info("y", kind, [])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    return int(onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": x})[0])


odd = 2**53 + 1
for numbers, dtype, expected in (
    ([odd], np.int64, odd - 1),
    ([odd, 5], np.int64, odd + 3),
    ([2**31 - 1, 1], np.int32, 2**31 - 1),
):
    x = np.array(numbers, dtype)
    found = run("ReduceSum", x)
    print(numbers, np.dtype(dtype).name, "runtime:", found, "NumPy:", x.sum(dtype=dtype))
    assert found == expected != x.sum(dtype=dtype)
assert run("ReduceMax", np.array([odd], np.int64)) == odd
PYTHON
