"""Writes what PyTorch says of a reference case beside it: python tests/data/expected.py BACKSTEP CASE.json...

BACKSTEP is the program, which says how to call PyTorch; the numbers are PyTorch's own.
"""

import contextlib
import io
import json
import pathlib
import subprocess
import sys


def numbers(tensor):
    # As in a trace: what is not finite has a name.
    if isinstance(tensor, list):
        return [numbers(part) for part in tensor]
    names = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    return names.get(str(tensor), tensor)


program, *cases = sys.argv[1:]
for case in map(pathlib.Path, cases):
    script = subprocess.run(
        [program, "export", case, "--format", "torch"], check=True, capture_output=True, text=True
    ).stdout
    ran = {}
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
        exec(script, ran)
    # What stands before a layer's own activation has no name in PyTorch.
    tensors = {name: tensor for name, tensor in ran["t"].items() if not name.endswith(".pre")}
    torch = ran["torch"]
    grads = {
        name: torch.zeros_like(tensor) if tensor.grad is None else tensor.grad
        for name, tensor in tensors.items()
    }
    expected = {
        "values": {name: numbers(tensor.detach().tolist()) for name, tensor in tensors.items()},
        "grads": {name: numbers(grad.tolist()) for name, grad in grads.items()},
    }
    case.with_suffix(".expected.json").write_text(json.dumps(expected) + "\n")
    print(case)
