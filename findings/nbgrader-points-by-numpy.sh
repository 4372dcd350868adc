#!/usr/bin/env bash
# nbgrader 0.9.6: a test cell worth four points, whose last line says how many of them there are,
# here a share of right gradients worked out by NumPy 2.4.6.
# Guess: a quarter right is 1 of 4, all wrong is 0, whether the number is NumPy's or Python's.
# Seen: 4 of 4 from NumPy, whatever the number: it prints as np.float64(1.0), which is not read as
# a number, and what is not read counts as all points. So do False, an array, and a number below 0.
# A float of Python has 1 of 4. The other way round, a right answer has 0 of 4 when a division by
# zero warns on the way.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check nbgrader==0.9.6 numpy==2.4.6
cd "$folder"
PATH=$folder/venv/bin:$PATH venv/bin/python -W ignore - <<'PYTHON'
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.utils import determine_grade

POINTS = {
    "4 * float(np.mean([True, False, False, False]))": 1,
    "4 * np.mean([True, False, False, False])": 4,
    "4 * np.mean([False, False, False, False])": 4,
    "np.array(0.0)": 4,
    "False": 4,
    "-1": 4,
    "0": 0,
    "np.array([1.0]) / np.array([0.0]); 4": 0,
}
test = {"grade": True, "solution": False, "points": 4, "schema_version": 3}
cells = [
    new_code_cell(f"import numpy as np\n{last}", metadata={"nbgrader": {"grade_id": last, **test}})
    for last in POINTS
]
NotebookClient(new_notebook(cells=cells), kernel_name="python3").execute()
for cell, (last, expected) in zip(cells, POINTS.items()):
    points, of = determine_grade(cell)
    print(last, "has", points, "of", of)
    assert (points, of) == (expected, 4)
PYTHON
