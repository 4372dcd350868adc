#!/usr/bin/env bash
# PyTorch 2.15.0: cross-entropy of two classes with label smoothing of 0.2 and a weight of 1 and
# 10, for a sample of the first class.
# Guess: smoothing asks for probabilities of 0.9 and 0.1, and the weight of the sample's class
# makes its loss larger or smaller as a whole; so the loss is lowest at 0.9 and 0.1.
# Seen: it is lowest at 0.47 and 0.53: a right answer is taught to be the other class. The part
# that smoothing gives to each class is weighted by that class's own weight, not by the sample's.
# With a weight of 100 the best answer is 0.08 and 0.92, and without weights 0.9 and 0.1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.15.0
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import torch
from torch.nn import functional as F

for weight in (1.0, 10.0, 100.0):
    # The gradient is 0 where the shares are those that smoothing and weights ask for.
    first, second = 0.9, 0.1 * weight
    best = first / (first + second)
    slopes = {}
    for probability in (0.9, best):
        logits = torch.tensor([[probability, 1 - probability]], dtype=torch.float64).log()
        logits.requires_grad = True
        weights = torch.tensor([1.0, weight], dtype=torch.float64)
        sample = torch.tensor([0])
        F.cross_entropy(logits, sample, weight=weights, label_smoothing=0.2).backward()
        slopes[round(probability, 4)] = logits.grad[0, 0].item()
    print("weight", weight, "gradients of the right logit by its probability:", slopes)
    assert abs(slopes[round(best, 4)]) < 1e-9
    assert weight == 1 or slopes[0.9] > 0.5
PYTHON
