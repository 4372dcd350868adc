"""A backstep scenario in PyTorch: runs it forward and backward, prints every gradient, and compares it with backstep's.

It needs PyTorch and nothing else. The exit code is 1 where a gradient differs.
"""

import sys
from math import inf, nan

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)

# The tensors by their names.
t = {}


def constant(numbers):
    return torch.tensor(numbers, dtype=torch.float64)


def leaf(numbers):
    return torch.tensor(numbers, dtype=torch.float64, requires_grad=True)


def keep(output):
    # A tensor of its own even where an op hands its input on, so that each name has a gradient of its own.
    # A comparison has none to hand on, and makes a mask.
    if not output.requires_grad:
        return output.to(torch.float64).requires_grad_()
    output = output.view_as(output)
    output.retain_grad()
    return output


