#!/usr/bin/env bash
# TorchMetrics 1.9.0: metrics of two classes, given logits.
# Guess: a logit above 0 is a one wherever it stands, and metrics of ranks see the order alone.
# Seen: a batch with all its logits from 0 to 1 is taken for probabilities, and any other is put
# through the sigmoid. The logits 0.2 and 0.4 are both zeros among themselves, an accuracy of 0 of
# 1, and both ones as soon as a third of 1.5 is beside them. And the sigmoid of float32 makes ones
# of 20, 30, 40 and 50: their order, which is right, has an area under the curve of 1/2. The hinge
# loss of logits that lead by 3 is 0.55 for 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    torchmetrics==1.9.0 torch==2.15.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import torch
from torchmetrics.functional.classification import (
    binary_accuracy,
    binary_auroc,
    binary_hinge_loss,
)


def measure(metric, logits, classes):
    found = metric(torch.tensor(logits), torch.tensor(classes)).item()
    print(metric.__name__, "of", logits, "for", classes, "is", round(found, 4))
    return found


assert measure(binary_accuracy, [0.2, 0.4], [1, 1]) == 0
assert measure(binary_accuracy, [0.2, 0.4, 1.5], [1, 1, 1]) == 1
assert measure(binary_auroc, [2.0, 3.0, 4.0, 5.0], [0, 1, 1, 1]) == 1
assert measure(binary_auroc, [20.0, 30.0, 40.0, 50.0], [0, 1, 1, 1]) == 0.5
loss = measure(binary_hinge_loss, [3.0, -3.0], [1, 0])
assert abs(loss - (1.5 - torch.sigmoid(torch.tensor(3.0)).item())) < 1e-6
PYTHON
