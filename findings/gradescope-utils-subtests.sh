#!/usr/bin/env bash
# gradescope-utils 0.5.0: a test of five points that goes through several gradients with subTest, as
# unittest has it, where one gradient is wrong.
# Guess: the test fails with 0 of 5 points, and says which gradient it was.
# Seen: the test is not in the results at all, neither its points nor its 5: the report is 0 of 0
# for it and names nothing. The same goes for a test that is skipped. With all gradients right it
# has its 5 of 5, so that nobody sees it who tries the grader on the right solution only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check gradescope-utils==0.5.0
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import io
import json
import unittest

from gradescope_utils.autograder_utils.decorators import weight
from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner


def grade(gradients):
    class Tests(unittest.TestCase):
        @weight(5)
        def test_each(self):
            for name, value in gradients.items():
                with self.subTest(name):
                    self.assertEqual(value, 1)

        @weight(5)
        def test_all(self):
            self.assertEqual(set(gradients.values()), {1})

        @weight(5)
        @unittest.skip("not asked for")
        def test_skipped(self):
            pass

    report = io.StringIO()
    JSONTestRunner(stream=report).run(unittest.defaultTestLoader.loadTestsFromTestCase(Tests))
    return {
        test["name"].split()[0]: (test["score"], test["max_score"])
        for test in json.loads(report.getvalue())["tests"]
    }


right, wrong = grade({"a": 1, "b": 1}), grade({"a": 1, "b": 2})
print("right:", right, "one wrong:", wrong)
assert right == {"test_all": (5, 5), "test_each": (5, 5)}
assert wrong == {"test_all": (0, 5)}
PYTHON
