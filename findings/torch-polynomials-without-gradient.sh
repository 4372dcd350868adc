#!/usr/bin/env bash
# PyTorch 2.15.0: x times P(x), with the polynomials and other functions of torch.special for P.
# Guess: P(x) + x P'(x), as for the functions beside them; or an error in the backward pass that
# says that a derivative is missing, as for zeta.
# Seen: P(x) alone, without a word, for all twelve families of polynomials, airy_ai,
# spherical_bessel_j0 and the two scaled_modified_bessel_k. What they return is cut off from the
# graph as by detach(), and the rest of the loss hides it: an error is raised only where nothing
# else leads to x. bessel_j0 and modified_bessel_k0 have their slopes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.15.0
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import torch
from torch import special


def slope(function, x):
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    (x * function(x)).backward()
    return x.grad.item()


def measured(function, x):
    below, above = (torch.tensor(x + step, dtype=torch.float64) for step in (-1e-6, 1e-6))
    return ((above * function(above) - below * function(below)) / 2e-6).item()


polynomials = [name for name in dir(special) if "_polynomial_" in name]
assert len(polynomials) == 12
functions = {name: lambda x, name=name: getattr(special, name)(x, 3) for name in polynomials}
scaled = [f"scaled_modified_bessel_k{order}" for order in (0, 1)]
others = ("airy_ai", "spherical_bessel_j0", *scaled)
for name in (*others, "bessel_j0", "modified_bessel_k0"):
    functions[name] = getattr(special, name)
for name, function in functions.items():
    value = function(torch.tensor(0.3, dtype=torch.float64)).item()
    found, right = slope(function, 0.3), measured(function, 0.3)
    print(f"{name}: value {value:.6f}, slope of x P(x): found {found:.6f}, measured {right:.6f}")
    lost = name in polynomials or name in others
    assert abs(found - (value if lost else right)) < 1e-8 and (abs(found - right) > 0.01) == lost
try:
    special.zeta(torch.tensor(2.0, requires_grad=True), 1.0).backward()
    raise AssertionError("zeta has a slope")
except RuntimeError as error:
    print("zeta:", error)
PYTHON
