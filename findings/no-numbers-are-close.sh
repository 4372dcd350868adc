#!/usr/bin/env bash
# NumPy 2.4.6, JAX 0.10.2 and pytest 9.2.0: an empty array as the answer where a gradient of 3 is
# right.
# Guess: not close, by any comparison, or an error for the shape.
# Seen: close, by allclose of NumPy and of JAX and by NumPy's array_equiv: the two shapes are
# brought together first, no pair of numbers is left, and none is too far apart. A relative error
# of norms is 0 likewise. assert_allclose sees the shape of an array, but not where the right one
# is given as a plain 3; nor does pytest's approx. A grader by one of them has full marks for a
# function that returns nothing yet.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    numpy==2.4.6 jax==0.10.2 jaxlib==0.10.2 pytest==9.2.0
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import jax.numpy as jnp
import numpy as np
import pytest


def holds(check, *arrays):
    try:
        return check(*arrays) in (None, True)
    except AssertionError:
        return False


def relative_error(a, b):
    return bool(np.linalg.norm(a - b) / (np.linalg.norm(a) + np.linalg.norm(b)) < 1e-7)


for name, check, array, number in (
    ("numpy.allclose", np.allclose, True, True),
    ("jax.numpy.allclose", lambda a, b: bool(jnp.allclose(a, b)), True, True),
    ("numpy.array_equiv", np.array_equiv, True, True),
    ("a relative error of norms", relative_error, True, True),
    ("assert_allclose", np.testing.assert_allclose, False, True),
    ("assert_array_equal", np.testing.assert_array_equal, False, True),
    ("pytest.approx", lambda a, b: bool(a == pytest.approx(b)), False, True),
    ("numpy.array_equal", np.array_equal, False, False),
):
    found = [holds(check, np.array([]), right) for right in (np.array([3.0]), 3.0)]
    print(name, "of [] and [3]:", found[0], "of [] and 3:", found[1])
    assert found == [array, number]
    assert not holds(check, np.array([2.0]), np.array([3.0]))
PYTHON
