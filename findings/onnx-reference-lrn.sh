#!/usr/bin/env bash
# The reference evaluator of ONNX 1.23.2 and local response normalisation.
# Guess: it agrees with ONNX Runtime 1.32.0 but for the last digits.
# Seen: only as many channels are normalised as the batch has samples; the others come out as they
# went in. With one sample that is all but the first channel.
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


x = np.array([1, 2, 3, 4], np.float32).reshape(1, 4, 1, 1)
[[runtime], [reference]] = run("LRN", x, size=3, alpha=1.0, bias=1.0)
print("runtime:  ", runtime)
print("reference:", reference)
assert np.allclose(runtime[0], reference[0])
assert reference[1:] == [2.0, 3.0, 4.0] and max(runtime) < 1
PYTHON
