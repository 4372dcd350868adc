#!/usr/bin/env bash
# text2qti 0.8.0, quizzes for Canvas and others from plain text: a numerical question on a small
# gradient, 0.00149 +- 0.00001.
# Guess: numbers from 0.00148 to 0.0015 are right.
# Seen: only 0.0015 is. The answer and both limits are rounded to four places behind the point, and
# the answer as written lies outside of them. Of [0.00012, 0.00014] 0.0001 alone is left. Numbers
# below 0.0001 are refused; from there to 0.01 nothing is said, and the margin that was chosen is
# not the one that counts.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check text2qti==0.8.0
cd "$folder"
for answer in "0.00149 +- 0.00001" "[0.00012, 0.00014]" "0.00125 +- 1%"; do
    printf 'Quiz title: Gradients\n\n1. What reaches the weight?\n=   %s\n' "$answer" >quiz.txt
    venv/bin/text2qti quiz.txt >/dev/null
    venv/bin/python - "$answer" <<'PYTHON'
import re
import sys
import zipfile

expected = {
    "0.00149 +- 0.00001": ["0.0015", "0.0015", "0.0015"],
    "[0.00012, 0.00014]": ["0.0001", "0.0001"],
    "0.00125 +- 1%": ["0.0013", "0.0012", "0.0013"],
}
with zipfile.ZipFile("quiz.zip") as quiz:
    written = "".join(quiz.read(name).decode() for name in quiz.namelist())
numbers = re.findall(r"<var(equal|gte|lte)[^>]*>([^<]*)<", written)
print(sys.argv[1], "is written as", numbers)
assert [number for _, number in numbers] == expected[sys.argv[1]]
PYTHON
    rm quiz.zip
done
printf 'Quiz title: Gradients\n\n1. And the second?\n=   1e-5 +- 1e-6\n' >quiz.txt
! venv/bin/text2qti quiz.txt 2>message
grep "magnitude >= 0.0001" message
