#!/usr/bin/env bash
# MLX 0.32.4: losses that guard themselves against a logarithm or a division by 0.
# Guess: where the guard keeps the loss finite it keeps the gradient finite too, as in PyTorch.
# Seen: the loss is finite and the gradient NaN, for the cross-entropy of a probability of 0, of a
# right one as of a wrong one; for the cosine with a vector of zeros; and for the smooth L1 loss
# with beta 0. One such element makes a whole update NaN, and the loss does not show it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mlx==0.32.4 mlx-cpu==0.32.4
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import mlx.core as mx
import mlx.nn as nn

mx.set_default_device(mx.cpu)


def gradient(function, x):
    return mx.grad(lambda x: function(x).sum())(mx.array(x)).tolist()



losses = {
    "right probability": (
        lambda x: nn.losses.binary_cross_entropy(x, mx.array([0.0]), with_logits=False),
        [0.0],
        0.0,
    ),
    "wrong probability": (
        lambda x: nn.losses.binary_cross_entropy(x, mx.array([1.0]), with_logits=False),
        [0.0],
        100.0,
    ),
    "cosine": (
        lambda x: nn.losses.cosine_similarity_loss(x[None], mx.array([[1.0, 1.0]])),
        [0.0, 0.0],
        0.0,
    ),
    "smooth L1": (
        lambda x: nn.losses.smooth_l1_loss(x, mx.array([0.0, 0.0]), beta=0.0),
        [1.0, -3.0],
        2.0,
    ),
}
for name, (loss, x, expected) in losses.items():
    value, slope = loss(mx.array(x)).sum().item(), gradient(loss, x)
    print(name + ":", "loss", value, "gradient", slope)
    assert value == expected and all(number != number for number in slope)
PYTHON
