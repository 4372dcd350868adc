#!/usr/bin/env bash
# PyTorch 2.15.0, torch.onnx.export(dynamo=False): F.pairwise_distance.
# Guess: the file computes what PyTorch does, (Σ |a − b + ε|^p)^(1/p), for every p.
# Seen: it computes (Σ (a − b)^p)^(1/(p + ε)). Nothing takes an absolute value, so for p = 1 and p = 3
# a negative sum is raised to a broken power, which is NaN; and ε is added to the exponent, not to the
# difference, so that ε = 1 makes of a square root a cube root. With dynamo=True all is right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    torch==2.15.0 onnx==1.23.2 onnxscript==0.7.2
cd "$folder"
venv/bin/python -W ignore - 2>/dev/null <<'PYTHON'
import numpy as np
import onnx
import torch
from onnx.reference import ReferenceEvaluator
from torch import nn
from torch.nn import functional as F


class Distance(nn.Module):
    def __init__(self, p, eps):
        super().__init__()
        self.settings = {"p": p, "eps": eps}

    def forward(self, a, b):
        return F.pairwise_distance(a, b, **self.settings)


a, b = torch.tensor([[1.0, 2.0], [0.0, 5.0]]), torch.tensor([[3.0, 1.0], [4.0, 2.0]])


def exported(distance, dynamo):
    torch.onnx.export(distance, (a, b), "distance.onnx", dynamo=dynamo, verbose=False)
    model = onnx.load("distance.onnx")
    names = [put.name for put in model.graph.input]
    given = {name: put.numpy() for name, put in zip(names, (a, b))}
    [distances] = ReferenceEvaluator(model).run(None, given)
    print(f"{distance.settings} dynamo={dynamo}:", distances.tolist())
    return distances


for p, eps in ((1.0, 1e-6), (2.0, 1e-6), (2.0, 1.0), (3.0, 1e-6)):
    distance = Distance(p, eps)
    right = distance(a, b).numpy()
    print("PyTorch:", right.tolist())
    assert np.allclose(exported(distance, True), right, rtol=1e-6)
    powers = ((a - b).numpy() ** p).sum(1)
    with np.errstate(invalid="ignore"):
        expected = powers ** (1 / (p + eps))
    distances = exported(distance, False)
    assert np.allclose(distances, expected, rtol=1e-5, equal_nan=True)
    assert np.isnan(distances).all() == (p != 2.0)
    assert np.allclose(distances, right, rtol=1e-5) == (p == 2.0 and eps < 1.0)
PYTHON
