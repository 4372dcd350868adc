#!/usr/bin/env bash
# OpenVINO 2026.4.1 on the CPU, a model of ONNX whose inputs and outputs have 64 bits.
# Guess: computed as declared, or refused.
# Seen: outputs keep the declared types and hold what 32 bits can: 1e300 comes back doubled as
# 3.4e38, the root of 2 has eight digits, 2**40 + 5 doubled as 10, and the larger of 2**53 + 1 and 0
# is 1. A comparison in float64 is one in float32, and nothing says so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check openvino==2026.4.1 onnx==1.23.2 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
import openvino
from onnx import helper


def run(op, x, *others):
    kind = helper.np_dtype_to_tensor_dtype(x.dtype)
    names = [f"x{number}" for number in range(1 + len(others))]
    graph = helper.make_graph(
        [helper.make_node(op, names, ["y"])],
        "one",
        [helper.make_tensor_value_info(name, kind, x.shape) for name in names],
        [helper.make_tensor_value_info("y", kind, x.shape)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(model.SerializeToString()), "CPU")
    y = compiled([x, *others])[0]
    assert y.dtype == x.dtype
    return y.tolist()


floats = np.array([1 + 1e-12, 1e300])
whole = np.array([2**40 + 5, 3], np.int64)
odd = np.array([2**53 + 1, -7], np.int64)
found = {
    "doubled": run("Add", floats, floats),
    "root": run("Sqrt", np.array([2.0, 4.0])),
    "doubled whole": run("Add", whole, whole),
    "larger than 0": run("Max", odd, np.zeros(2, np.int64)),
}
print(found)
assert found["doubled"] == [2.0, float(np.finfo(np.float32).max)]
assert found["root"] == [float(np.float32(2**0.5)), 2.0]
assert found["doubled whole"] == [10, 6]
assert found["larger than 0"] == [1, 0]
PYTHON
