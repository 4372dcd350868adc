#!/usr/bin/env bash
# SymPy 1.14.0: the gradient of Max of several numbers that are all equal.
# Guess: shares that sum to 1; 1/2 each for two numbers, since its step is 1/2 at 0, and so 1/3 each
# for three.
# Seen: 1/2 each, however many they are: for eight numbers the gradient sums to 4. And written as
# Max of Max(2x, y) / 2 and z the same three have 1/4, 1/8 and 1/2. A solution sheet made with it
# disagrees with each of the libraries.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check sympy==1.14.0
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
from sympy import Max, diff, symbols

sums = {}
for count in (2, 3, 8):
    x = symbols(f"x:{count}", real=True)
    shares = [diff(Max(*x), each).subs({other: 2 for other in x}) for each in x]
    print(count, "equal numbers:", shares)
    assert {str(share) for share in shares} == {"1/2"}
    sums[count] = sum(shares)
assert sums[2] == 1 and sums[8] == 4
x, y, z = symbols("x y z", real=True)
inner = Max(Max(2 * x, y) / 2, z)
shares = [str(diff(inner, each).subs({x: 1, y: 2, z: 1})) for each in (x, y, z)]
print("one in the other:", shares)
assert shares == ["1/4", "1/8", "1/2"]
PYTHON
