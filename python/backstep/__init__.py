"""Backpropagation, one neuron at a time: the program ``backstep`` from Python.

>>> import backstep
>>> backstep.capture(model, inputs, target, "net/")  # record a PyTorch model
>>> backstep.check("net/")                            # are its gradients right?
>>> backstep.debug("net/")                            # open the debugger in this terminal
>>> backstep.page("the-question")                     # or a page in this notebook

A scenario is the path of a file, a folder with a ``scenario.json``, or the name of one that comes
with the program, such as ``the-question``.
"""

from ._capture import CaptureError, capture, program
from ._jax import capture_jax
from ._run import BackstepError, Contribution, Page, Run, check, debug, explain, load, page

__all__ = [
    "BackstepError",
    "CaptureError",
    "Contribution",
    "Page",
    "Run",
    "capture",
    "capture_jax",
    "check",
    "debug",
    "explain",
    "load",
    "page",
    "program",
]
