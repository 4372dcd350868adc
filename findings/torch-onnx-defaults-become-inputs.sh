#!/usr/bin/env bash
# PyTorch 2.15.0, torch.onnx.export(dynamo=False): arguments of forward that are left out.
# Guess: they have their defaults, Python numbers and flags, as in a call, and leave no trace in the
# file.
# Seen: the exporter hands the defaults in as tensors. They become inputs of the model, without the
# name of the argument, and whatever wants a Python flag refuses them: nn.TransformerEncoderLayer,
# called with its input alone, cannot be exported. With dynamo=True the defaults stay what they are.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    torch==2.15.0 onnx==1.23.2 onnxscript==0.7.2
cd "$folder"
venv/bin/python -W ignore - 2>/dev/null <<'PYTHON'
import onnx
import torch
from torch import nn


class Scaled(nn.Module):
    def forward(self, x, scale=3.0, flag=False):
        kinds.append((type(scale).__name__, type(flag).__name__))
        return x * scale


def inputs(**how):
    torch.onnx.export(Scaled(), (torch.ones(2),), "scaled.onnx", verbose=False, **how)
    return [put.name for put in onnx.load("scaled.onnx").graph.input]


kinds = []
names = inputs(dynamo=False)
print("dynamo=False:", kinds[-1], names)
assert kinds[-1] == ("Tensor", "Tensor")
assert len(names) == 2 and "scale" not in names
names = inputs(dynamo=True)
print("dynamo=True:", kinds[-1], names)
assert kinds[-1] == ("float", "bool") and names == ["x"]

layer = nn.TransformerEncoderLayer(16, 4, 32, dropout=0.0, batch_first=True)
try:
    torch.onnx.export(layer, (torch.ones(1, 5, 16),), "layer.onnx", dynamo=False)
    raise SystemExit("it was exported")
except TypeError as error:
    print(error)
    assert "'is_causal'" in str(error) and "must be bool, not Tensor" in str(error)
PYTHON
