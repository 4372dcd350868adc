#!/usr/bin/env bash
# Arrays of big-endian numbers, as files of the formats IDX and FITS hold them, read by NumPy 2.4.6
# and handed to ONNX Runtime 1.32.0, tinygrad 0.14.0, Flax 0.12.8, Arrow 26.0.1 and safetensors
# 0.8.0.
# Guess: each turns them round, since NumPy says in the type how they are written, or refuses them,
# as PyTorch and JAX do.
# Seen: safetensors turns them round and Arrow's array() refuses. ONNX Runtime, tinygrad, what Flax
# writes to a file, and Arrow's tensor take the bytes as they lie: 1.5 becomes 7e-41, and the whole
# number 1 becomes 16777216. A network fed so answers, with the biases alone.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    numpy==2.4.6 onnxruntime==1.32.0 onnx==1.23.2 tinygrad==0.14.0 flax==0.12.8 \
    jax==0.10.2 jaxlib==0.10.2 pyarrow==26.0.1 safetensors==0.8.0
DEV=PYTHON "$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
import onnxruntime
import pyarrow
import safetensors.numpy
from flax import serialization
from onnx import helper
from tinygrad import Tensor


def through_onnx(x):
    kind = helper.np_dtype_to_tensor_dtype(x.dtype.newbyteorder("="))
    names = [helper.make_tensor_value_info(name, kind, x.shape) for name in "xy"]
    node = helper.make_node("Identity", ["x"], ["y"])
    graph = helper.make_graph([node], "same", names[:1], names[1:])
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=10)
    return onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": x})[0]


def through_flax(x):
    return serialization.msgpack_restore(serialization.msgpack_serialize({"x": x}))["x"]


def through_safetensors(x):
    return safetensors.numpy.load(safetensors.numpy.save({"x": x}))["x"]


for x in (np.array([1.5], ">f4"), np.array([1], ">i4")):
    turned = x.view(x.dtype.newbyteorder("<"))
    for name, through, expected in (
        ("ONNX Runtime", through_onnx, turned),
        ("tinygrad", lambda x: Tensor(x).numpy(), turned),
        ("Flax", through_flax, turned),
        ("Arrow, tensor", lambda x: pyarrow.Tensor.from_numpy(x).to_numpy(), turned),
        ("safetensors", through_safetensors, x),
    ):
        found = through(x)
        print(name, x, "becomes", found)
        assert found[0] == expected[0]
    try:
        raise AssertionError(pyarrow.array(x))
    except pyarrow.ArrowNotImplementedError as error:
        print("Arrow, array:", error)
assert turned[0] == 2**24
PYTHON
