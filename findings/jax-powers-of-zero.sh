#!/usr/bin/env bash
# JAX 0.10.2: the slope at 0 of 1 + x + x^2 + x^3, written as a sum of powers.
# Guess: 1, however the exponents are written, as from PyTorch 2.15.0.
# Seen: 1 with the exponents 0, 1, 2, 3 and NaN with 0.0, 1.0, 2.0, 3.0, since the power 0.0 has
# the slope 0.0 times 0 to the power -1. A Python number is enough: x ** 0.0 is 1 everywhere and
# has NaN at 0. So has vander(), whose exponents are whole; polyval() is right. One input of 0, as
# behind a ReLU, makes the gradients of a polynomial NaN.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import jax
import jax.numpy as jnp

for name, function, expected in (
    ("whole exponents", lambda x: jnp.sum(x ** jnp.arange(4)), "1.0"),
    ("float exponents", lambda x: jnp.sum(x ** jnp.arange(4.0)), "nan"),
    ("x ** 0", lambda x: x**0, "0.0"),
    ("x ** 0.0", lambda x: x**0.0, "nan"),
    ("x ** 1.0", lambda x: x**1.0, "1.0"),
    ("vander", lambda x: jnp.vander(jnp.array([x]), 4).sum(), "nan"),
    ("polyval", lambda x: jnp.polyval(jnp.ones(4), x), "1.0"),
):
    value, slope = jax.value_and_grad(function)(0.0)
    print(name, "value:", value, "slope at 0:", slope, "at 0.001:", jax.grad(function)(0.001))
    assert str(slope) == expected and value == (0 if name == "x ** 1.0" else 1)
    assert jnp.isfinite(jax.grad(function)(0.001))
PYTHON
