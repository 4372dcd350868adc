#!/usr/bin/env bash
# JAX 0.10.2: the gradient of the last running logarithm of a sum of exponentials, where the first
# numbers are masked with minus infinity.
# Guess: 0 for what is masked and 1 for the number that is left, as for logsumexp of all at once.
# Seen: so with one masked number, and from two on NaN for all that are masked: the sums are made
# in pairs, and a pair of two infinities has no slope. The value is right, and the number that is
# left has its 1. Padding in front of a sequence makes gradients NaN from its second token on; at
# once it does not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import jax
import jax.numpy as jnp

for masked in (0, 1, 2, 3, 4, 5):
    x = jnp.array([-jnp.inf] * masked + [1.0])
    value, running = jax.value_and_grad(lambda x: jax.lax.cumlogsumexp(x)[-1])(x)
    at_once = jax.grad(jax.nn.logsumexp)(x)
    print(masked, "masked, value:", value, "running:", running, "at once:", at_once)
    assert value == 1 and at_once.tolist() == [0] * masked + [1]
    lost = "nan" if masked > 1 else "0.0"
    assert list(map(str, running.tolist())) == [lost] * masked + ["1.0"]
PYTHON
