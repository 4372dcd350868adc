#!/usr/bin/env bash
# SymPy 1.14.0: the gradient of the length of a vector, with the numbers 0 and 0 put into it.
# Guess: NaN for both, as from JAX and by lambdify(); or 0 for both. It is symmetric in x and y.
# Seen: (0, nan). subs() puts in one number after another: x / sqrt(x^2 + y^2) is 0 once x is,
# before y is looked at. The other order has nan, and so has simultaneous=True. x / (x + y) is 0 or
# 1. What a gradient is at such a point is decided by the alphabet.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check sympy==1.14.0
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
from sympy import Matrix, log, diff, sqrt, symbols

x, y = symbols("x y", real=True)
jacobian = Matrix([sqrt(x**2 + y**2)]).jacobian([x, y])
both = {x: 0, y: 0}
print("gradient:", list(jacobian.subs(both)))
assert [str(part) for part in jacobian.subs(both)] == ["0", "nan"]
one = diff(sqrt(x**2 + y**2), x)
ways = {
    "x first": one.subs([(x, 0), (y, 0)]),
    "y first": one.subs([(y, 0), (x, 0)]),
    "both at once": one.subs(both, simultaneous=True),
}
print(ways)
assert [str(found) for found in ways.values()] == ["0", "nan", "nan"]
share = x * diff(log(x + y), x)
assert share.subs([(x, 0), (y, 0)]) == 0 and share.subs([(y, 0), (x, 0)]) == 1
PYTHON
