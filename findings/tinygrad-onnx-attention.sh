#!/usr/bin/env bash
# tinygrad 0.14.0 reading the operator Attention of ONNX, with fewer heads of keys than of queries,
# and with soft capping.
# Guess: neighbouring heads share their keys, as in its own scaled_dot_product_attention and in
# ONNX's reference evaluator; and what comes later stays masked, whatever is capped.
# Seen: four query heads over two key heads take them in turn, 0, 1, 0, 1, where its own attention
# and ONNX have 0, 0, 1, 1. Capping at 2 comes after masking and lifts what was minus infinity to
# -2: the first token has 12.8 where it sees a 1 alone, an eighth of the 100 that follows. Shapes
# and sums of weights are right all the while.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tinygrad==0.14.0 onnx==1.23.2
cd "$folder"
DEV=PYTHON venv/bin/python -W ignore - <<'PYTHON'
import numpy as np
import onnx
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator
from tinygrad import Tensor
from tinygrad.nn.onnx import OnnxRunner


def both(values, heads, **attributes):
    values = np.array(values, np.float32)[None, ..., None]
    queries = np.zeros((1, heads, values.shape[2], 1), np.float32)
    inputs = {"q": queries, "k": np.zeros_like(values), "v": values}
    graph = helper.make_graph(
        [helper.make_node("Attention", [*inputs], ["y"], **attributes)],
        "attention",
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, x.shape) for n, x in inputs.items()],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, queries.shape)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 24)], ir_version=11)
    onnx.save(model, "attention.onnx")
    [right] = ReferenceEvaluator(model).run(None, inputs)
    tensors = {name: Tensor(x) for name, x in inputs.items()}
    found = OnnxRunner("attention.onnx")(tensors)["y"].numpy()
    print(attributes, "ONNX:", right.ravel().tolist(), "tinygrad:", found.ravel().tolist())
    return right.ravel(), found.ravel(), tensors


right, found, tensors = both([[10], [20]], 4)
own = tensors["q"].scaled_dot_product_attention(tensors["k"], tensors["v"], enable_gqa=True)
print("its own attention:", own.numpy().ravel().tolist())
assert right.tolist() == own.numpy().ravel().tolist() == [10, 10, 20, 20]
assert found.tolist() == [10, 20, 10, 20]
for cap, first in ((0.0, 1.0), (2.0, (1 + 100 * np.exp(-2)) / (1 + np.exp(-2)))):
    right, found, _ = both([[1, 100]], 1, is_causal=1, softcap=cap)
    assert np.allclose(right, [1, 50.5]) and np.allclose(found, [first, 50.5])
PYTHON
