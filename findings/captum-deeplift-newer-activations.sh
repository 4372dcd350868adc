#!/usr/bin/env bash
# Captum 0.9.0: DeepLift, which splits the change of an output from a baseline among the inputs,
# through one activation of PyTorch 2.15.0 with one input.
# Guess: the one input has the whole change, for every activation: its multiplier is the change of
# the output by that of the input. Or an activation that is not known is refused.
# Seen: so for ReLU, ELU, leaky ReLU, sigmoid, tanh and softplus. GELU, SiLU, SELU and hardtanh get
# their slope at the input instead, without a word: from -1 to 2 GELU rises by 2.11 and has 3.26,
# and hardtanh rises by 2 and has 0. A convergence delta tells, where it is asked for; a network
# with the newer activations has a picture all the same.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check captum==0.9.0 torch==2.15.0
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import torch
from captum.attr import DeepLift
from torch import nn

x, baseline = torch.tensor([[2.0]]), torch.tensor([[-1.0]])
known = (nn.ReLU(), nn.ELU(), nn.LeakyReLU(), nn.Sigmoid(), nn.Tanh(), nn.Softplus())
for activation in (*known, nn.GELU(), nn.SiLU(), nn.SELU(), nn.Hardtanh()):
    # DeepLift wants a network, and one activation in a row is one.
    network = nn.Sequential(activation)
    found = DeepLift(network).attribute(x, baselines=baseline).item()
    change = (network(x) - network(baseline)).item()
    slope = torch.autograd.functional.jacobian(network, x).item()
    print(activation, "changes by", change, "and has", found)
    expected = change if activation in known else slope * (x - baseline).item()
    assert abs(found - expected) < 1e-5
    assert (abs(found - change) > 0.05) == (activation not in known)
PYTHON
