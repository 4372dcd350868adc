#!/usr/bin/env bash
# snnTorch 1.0.0, spiking networks: the slopes that stand in for that of the step, at a neuron that
# is below, at and above its threshold.
# Guess: all are a hill with its top at the threshold, alike to both sides, and never below 0: more
# input means more spikes. The triangular one is 0 from some distance on.
# Seen: the triangular one has no triangle: it is 1 below the threshold and -1 from the threshold
# on, however far, so that a neuron that fires is pushed the wrong way. spike_rate_escape has its
# top of 25 at one above the threshold. The sigmoid's is NaN from 3.6 below the threshold on, where
# its exponential overflows. The default and fast_sigmoid are as guessed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check snntorch==1.0.0 torch==2.15.0
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import snntorch
import torch
from snntorch import surrogate


def slope(spike_grad, over):
    # The membrane keeps all of the input and fires at 0.5.
    neuron = snntorch.Leaky(beta=1.0, threshold=0.5, spike_grad=spike_grad)
    current = torch.tensor([0.5 + over], requires_grad=True)
    spikes, _ = neuron(current, torch.zeros(1))
    spikes.sum().backward()
    return current.grad.item()


distances = (-4.0, -1.0, -0.125, 0.0, 0.125, 1.0, 4.0)
for name in ("atan", "fast_sigmoid", "sigmoid", "triangular", "spike_rate_escape"):
    seen = [slope(getattr(surrogate, name)(), over) for over in distances]
    print(name, "from", distances, [round(each, 4) for each in seen])
    if name == "triangular":
        assert seen == [1, 1, 1, -1, -1, -1, -1]
    elif name == "spike_rate_escape":
        assert max(seen) == seen[5] == 25 and seen[3] < 10
    else:
        assert str(seen[0]) == "nan" if name == "sigmoid" else seen[0] == seen[-1]
        assert min(seen[1:]) >= 0 and max(seen[1:]) == seen[3]
        assert all(abs(a - b) < 1e-4 for a, b in zip(seen[1:3], seen[5:3:-1]))
PYTHON
