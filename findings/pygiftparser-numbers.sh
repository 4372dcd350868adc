#!/usr/bin/env bash
# pygiftparser 1.1, a reader of Moodle's GIFT: numerical answers that are negative, small, or
# written with room between their parts.
# Guess: read as the numbers they are, or the question is refused with a reason.
# Seen: 1e-5 is the number 1, since reading stops at the e; 1.5 : 0.1 loses its margin, since it
# stops at the blank, and 0.1..1e-3 is a range up to 1. All three pass for valid. -1.5 has no
# answer at all. Python writes small gradients with an e of itself, so that a quiz made of them
# asks for something else.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pygiftparser==1.1
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import io

from pygiftparser import parser

for written, valid, answers in (
    ("0.5:0.01", True, [{"value": 0.5, "tolerance": 0.01}]),
    (f"{0.00001}:{0.000001}", True, [{"value": 1.0, "tolerance": 0}]),
    ("1.5 : 0.1", True, [{"value": 1.5, "tolerance": 0}]),
    ("0.1..1e-3", True, [{"mini": "0.1", "maxi": "1"}]),
    ("-1.5:0.1", False, []),
):
    [question] = parser.parseFile(io.StringIO(f"::gradient:: Which? {{#{written}}}\n"))
    found = [
        {key: each for key, each in vars(answer).items() if key not in ("feedback", "fraction")}
        for answer in question.answers.answers
    ]
    print(written, "is valid:", question.valid, "read as:", found)
    assert (question.valid, found) == (valid, answers)
PYTHON
