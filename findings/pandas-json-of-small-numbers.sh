#!/usr/bin/env bash
# pandas 3.1.1: gradients written as JSON and read back.
# Guess: what is written has all digits that tell a float from its neighbours, or ten of them; what
# Python's json writes, read_json() reads to the same floats.
# Seen: to_json() keeps ten digits behind the point, not ten digits: 1.23456789e-5 is left with
# 0.0000123457, and 1e-12 with 0.0, which read_json() takes for a whole number besides. And of 1000
# floats that json wrote in full, read_json() reads most to a neighbour, unless it is given
# precise_float=True; read_csv() reads all of them right. A small gradient is no gradient in such a
# file.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pandas==3.1.1 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import io
import json

import numpy as np
import pandas as pd

written = pd.Series([1e-12, 1.23456789e-5]).to_json(orient="values")
back = pd.read_json(io.StringIO(pd.Series([1e-12]).to_json()), typ="series")
print("written:", written, "and read back:", back.tolist(), back.dtype)
assert json.loads(written) == [0.0, 0.0000123457]
assert back.dtype == np.int64 and back[0] == 0

x = np.random.default_rng(0).standard_normal(1000)
text = json.dumps(x.tolist())
fast = pd.read_json(io.StringIO(text))[0].to_numpy()
precise = pd.read_json(io.StringIO(text), precise_float=True)[0].to_numpy()
csv = pd.read_csv(io.StringIO(pd.Series(x).to_csv(index=False)))["0"].to_numpy()
print("read to another float:", (fast != x).sum(), "of 1000; precisely:", (precise != x).sum())
assert (fast != x).sum() > 500 and np.allclose(fast, x, rtol=1e-12, atol=0)
assert (precise == x).all() and (csv == x).all()
PYTHON
