#!/usr/bin/env bash
# tinygrad 0.14.0: the gradient through sort() among equal numbers.
# Guess: sorting moves numbers about, so each gets the gradient of the one place it went to; or all
# equal ones an even share.
# Seen: neither. Of three equal numbers whose places weigh 1, 10 and 100, two get 29.125 and one
# 52.75. Sorting is a network of maximum and minimum, and each meeting of two equals halves what
# passes, in the order of the network. The three largest of four equals have other shares again.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tinygrad==0.14.0
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import os

os.environ["DEV"] = "PYTHON"
from tinygrad import Tensor


def gradient(at, weights):
    x = Tensor(at)
    return (x.sort()[0] * Tensor(weights)).sum().gradient(x)[0].tolist()


three = gradient([3.0] * 3, [1.0, 10.0, 100.0])
print("of 3 equal numbers:", three)
assert three == [29.125, 29.125, 52.75]
among = gradient([3.0, 1.0, 3.0, 3.0], [1.0, 10.0, 100.0, 1000.0])
print("of [3, 1, 3, 3]:", among)
assert among == [280.0, 1.0, 415.0, 415.0]
PYTHON
