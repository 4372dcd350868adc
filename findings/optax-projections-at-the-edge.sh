#!/usr/bin/env bash
# Optax 0.2.8: the gradients of projections, at a point on the edge of what they project onto.
# Guess: one rule for all: the point stays where it is, so 1, or 0 straight outward.
# Seen: outward, onto the numbers from 0 up 0; onto the box from 0 to 1, onto the ball of the
# infinity norm and onto the ball of the 2-norm 1/2; onto the ball of the 1-norm 1. Around 0 the
# first two are the same set, and a 0 is where many a parameter that may not be negative starts:
# what it is moved by depends on the name that its bound was given.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check optax==0.2.8 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import jax
import jax.numpy as jnp
import numpy as np
from optax import projections

zero, one, corner = jnp.array([0.0]), jnp.array([1.0, 0.0]), jnp.array([0.5, 0.5])
outward = {
    "from 0 up": (projections.projection_non_negative, zero, [1.0]),
    "box": (lambda x: projections.projection_box(x, 0.0, 1.0), zero, [1.0]),
    "infinity norm": (lambda x: projections.projection_linf_ball(x, 1.0), one, [1.0, 0.0]),
    "2-norm": (lambda x: projections.projection_l2_ball(x, 1.0), one, [1.0, 0.0]),
    "1-norm": (lambda x: projections.projection_l1_ball(x, 1.0), corner, [0.5, 0.5]),
}
found = {}
for name, (project, x, direction) in outward.items():
    assert np.allclose(project(x), x)
    direction = np.array(direction) / np.linalg.norm(direction)
    found[name] = float(direction @ np.asarray(jax.jacobian(project)(x)) @ direction)
print(found)
expected = [0.0, 0.5, 0.5, 0.5, 1.0]
assert np.allclose(list(found.values()), expected)
PYTHON
