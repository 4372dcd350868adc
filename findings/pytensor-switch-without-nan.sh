#!/usr/bin/env bash
# PyTensor 3.0.7: where(x > 0, sqrt(x), 0) has a gradient of NaN at 0 in JAX and PyTorch, since the
# branch that is not taken is differentiated too. And here?
# Guess: NaN as well, whatever the mode.
# Seen: it depends on the rewrites of the graph. Without any, NaN at 0 and below; with those of the
# fastest compilation already, 0, for the switch is moved over the division.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pytensor==3.0.7 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
import pytensor

pytensor.config.cxx = ""
import pytensor.tensor as pt
from pytensor.compile.mode import Mode

x = pt.vector("x", dtype="float64")


def gradient(loss, at, mode=Mode("py", "fast_compile")):
    return pytensor.function([x], pytensor.grad(loss, x), mode=mode)(at).tolist()


loss = pt.switch(x > 0, pt.sqrt(x), 0.0).sum()
at = [0.0, -1.0, 4.0]
plain = gradient(loss, at, Mode("py", None))
print("without rewrites:", plain)
assert np.isnan(plain[:2]).all() and plain[2] == 0.25
for rewrites in ("fast_compile", "fast_run"):
    print(rewrites + ":", gradient(loss, at, Mode("py", rewrites)))
    assert gradient(loss, at, Mode("py", rewrites)) == [0.0, 0.0, 0.25]
PYTHON
