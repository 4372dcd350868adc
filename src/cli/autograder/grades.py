"""Asks backstep about gradients, for tests of otter-grader and cells of nbgrader."""

import json
import pathlib
import subprocess
import tempfile

import numpy

SCENARIO = pathlib.Path(__file__).parent / "scenario.json"


def check(gradients):
    """Marks gradients, arrays by the names of their tensors.

    Returns the points, and what there is to say of them without the right numbers.
    """
    command = ["backstep", "check", str(SCENARIO), "--ask", ",".join(gradients)]
    with tempfile.TemporaryDirectory() as folder:
        numpy.savez(f"{folder}/answer.npz", **gradients)
        command += [f"{folder}/answer.npz", "--format", "gradescope", "--quiet"]
        ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode == 2:
        raise ValueError(ran.stderr)
    results = json.loads(ran.stdout)
    said = [f"{test['name']}: {test['output']}" for test in results["tests"]]
    return results["score"], "\n".join([results["output"], *said])
