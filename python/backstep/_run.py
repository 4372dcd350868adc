"""What the program computes, as Python objects."""

from __future__ import annotations

import html
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from . import _capture, _jax
from ._capture import SCENARIO, program

if TYPE_CHECKING:
    from numpy import ndarray

    Path_ = str | os.PathLike[str]


class BackstepError(RuntimeError):
    """A file or an argument that the program cannot use, in its own words."""


def debug(scenario: Path_, *, answer: Path_ | None = None, at: str | None = None) -> None:
    """Opens the debugger in this terminal, and returns when it is left.

    Args:
        scenario: The scenario.
        answer: Gradients to be laid beside the true ones. For a folder that ``capture`` wrote they
            are those that it recorded.
        at: The neuron to begin at, as in ``pool[0,1]``.

    Raises:
        BackstepError: There is no terminal here, as in a notebook, or a file cannot be used.
    """
    streams = (sys.__stdin__, sys.__stdout__)
    if not all(stream is not None and stream.isatty() for stream in streams):
        raise BackstepError(
            "there is no terminal here; backstep.page() shows the same in a notebook"
        )
    command = [program(), _scenario(scenario)]
    answer = answer or _recorded(scenario)
    if answer is not None:
        command += ["--answer", os.fspath(answer)]
    if at is not None:
        command += ["--at", at]
    done = subprocess.run(command, check=False)
    if done.returncode == 2:
        raise BackstepError(f"backstep cannot open {os.fspath(scenario)}")


@dataclass(frozen=True)
class Page:
    """The debugger as one HTML page, which a notebook shows where it is a cell's last value."""

    html: str
    height: int = 720

    def save(self, file: Path_) -> Path:
        """Writes the page to a file, and returns its path."""
        path = Path(file)
        path.write_text(self.html, encoding="utf-8")
        return path

    def _repr_html_(self) -> str:
        inside = html.escape(self.html, quote=True)
        style = f"width:100%;height:{self.height}px;border:0"
        return f'<iframe title="backstep" srcdoc="{inside}" style="{style}"></iframe>'


def page(
    scenario: Path_,
    *,
    tensors: Sequence[str] = (),
    steps: str | None = None,
    height: int = 720,
) -> Page:
    """Makes a page of a scenario, which steps through its gradients as the debugger does.

    Args:
        scenario: The scenario.
        tensors: The tensors whose steps the page has; all of them where it is empty.
        steps: The steps that it has, as in ``"3..10"``.
        height: How high it is in a notebook, in pixels.

    Raises:
        BackstepError: The scenario cannot be used, or is too large for a page.
    """
    command = ["export", _scenario(scenario), "--format", "html"]
    for tensor in tensors:
        command += ["--tensor", tensor]
    if steps is not None:
        command += ["--steps", steps]
    return Page(_said(command), height)


def check(
    scenario: Path_,
    answer: Path_ | Mapping[str, Any] | None = None,
    *,
    ask: Sequence[str] = (),
    rtol: float | None = None,
    atol: float | None = None,
) -> dict[str, Any]:
    """Marks gradients: which are right, which are not, and which mistake gives the wrong ones.

    Args:
        scenario: The scenario.
        answer: A file of gradients, or a mapping of them by tensor: arrays of NumPy or PyTorch, or
            nested lists. For a folder that ``capture`` wrote they are those that it recorded.
        ask: The tensors that are marked; all that are given where it is empty.
        rtol: The relative tolerance; by default it depends on where the numbers come from.
        atol: The absolute one, in parts of the largest number of a tensor.

    Returns:
        The report (``backstep schema report``). ``report["submissions"][0]["verdict"]`` is
        ``"correct"`` where every gradient that is given is right.

    Raises:
        BackstepError: The scenario or the answer cannot be used.
    """
    if answer is None:
        answer = _recorded(scenario)
        if answer is None:
            raise BackstepError(
                f"{os.fspath(scenario)} is no folder that `capture` wrote; give an answer"
            )
    with tempfile.TemporaryDirectory() as scratch:
        file = _written(answer, Path(scratch)) if isinstance(answer, Mapping) else answer
        command = ["check", _scenario(scenario), os.fspath(file), "--format", "json"]
        for tensor in ask:
            command += ["--ask", tensor]
        for name, tolerance in (("--rtol", rtol), ("--atol", atol)):
            if tolerance is not None:
                command += [name, repr(float(tolerance))]
        report: dict[str, Any] = json.loads(_said(command, fine=(0, 1)))
    return report


@overload
def explain(
    scenario: Path_,
    neuron: str,
    *,
    format: Literal["text", "md"] = "text",
    why: bool = False,
    origin: bool = False,
    mistakes: bool = False,
    update: int | None = None,
) -> str: ...


@overload
def explain(
    scenario: Path_,
    neuron: str,
    *,
    format: Literal["json"],
    why: bool = False,
    origin: bool = False,
    mistakes: bool = False,
    update: int | None = None,
) -> dict[str, Any]: ...


def explain(
    scenario: Path_,
    neuron: str,
    *,
    format: Literal["text", "md", "json"] = "text",
    why: bool = False,
    origin: bool = False,
    mistakes: bool = False,
    update: int | None = None,
) -> str | dict[str, Any]:
    """Explains one neuron's gradient: the terms, their sum, and the words.

    Args:
        scenario: The scenario.
        neuron: As in ``pool[0,1]``.
        format: Text, Markdown, or a dictionary.
        why: Whether the largest terms are followed to where the gradient is given.
        origin: Whether a NaN or an infinite number is followed to where it began.
        mistakes: Whether what common mistakes would give is told too.
        update: At which update of a scenario that is trained, from 1.

    Raises:
        BackstepError: The scenario cannot be used, or has no such neuron.
    """
    command = ["explain", "--format", format]
    command += [name for name, is_set in (("--why", why), ("--origin", origin)) if is_set]
    command += ["--mistakes"] * mistakes
    if update is not None:
        command += ["--update", str(update)]
    # What follows is no option, whatever it begins with.
    said = _said([*command, "--", _scenario(scenario), neuron])
    return json.loads(said) if format == "json" else said


@dataclass(frozen=True)
class Contribution:
    """One term of the sum that is a neuron's gradient.

    ``product`` is ``upstream`` times ``local``, the product of the factors, and 0 where a gate is
    closed.
    """

    tensor: str
    index: tuple[int, ...]
    upstream: float
    local: float
    product: float
    factors: tuple[tuple[str, float], ...]
    closed: bool


@dataclass(frozen=True)
class Run:
    """Every value and gradient of a scenario, as float64 arrays of NumPy by the tensors' names."""

    scenario: str
    values: dict[str, ndarray]
    gradients: dict[str, ndarray]

    def contributions(self, tensor: str) -> ndarray:
        """Returns the terms of every neuron of a tensor: an array of objects of the tensor's shape,
        each a list of :class:`Contribution` in the order in which they are added.

        Raises:
            BackstepError: There is no such tensor, or it makes no steps.
        """
        import numpy

        command = ["export", self.scenario, "--format", "jsonl", "--tensor", tensor]
        lines = map(json.loads, _said(command).splitlines())
        terms = numpy.empty(self.gradients[tensor].shape, dtype=object)
        for step in lines:
            if step.get("tensor") == tensor and "contributions" in step:
                terms[tuple(step["index"])] = list(map(_contribution, step["contributions"]))
        return terms


def load(scenario: Path_) -> Run:
    """Runs a scenario forwards and backwards.

    Raises:
        BackstepError: The scenario cannot be used.
        ImportError: NumPy is not installed.
    """
    import numpy

    path = _scenario(scenario)
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "run.npz")
        _said(["export", path, "-o", str(file)])
        with numpy.load(file) as arrays:
            all_of = {name: arrays[name] for name in arrays.files}
    mark = "value/"
    values = {name[len(mark) :]: array for name, array in all_of.items() if name.startswith(mark)}
    gradients = {name: array for name, array in all_of.items() if not name.startswith(mark)}
    return Run(path, values, gradients)


def _contribution(term: dict[str, Any]) -> Contribution:
    return Contribution(
        tensor=term["from"],
        index=tuple(term["index"]),
        upstream=float(term["upstream"]),
        local=float(term["local"]),
        product=float(term["product"]),
        factors=tuple((factor["kind"], float(factor["value"])) for factor in term["factors"]),
        closed=term.get("closed", False),
    )


def _scenario(scenario: Path_) -> str:
    """Returns the file of a scenario, or its name in the gallery."""
    path = Path(scenario)
    return str(path / SCENARIO) if path.is_dir() else os.fspath(scenario)


def _recorded(scenario: Path_) -> Path | None:
    """Returns the framework's own gradients in a folder that ``capture`` wrote."""
    path = Path(scenario)
    if not path.is_dir():
        return None
    files = (path / module.GRADIENTS for module in (_capture, _jax))
    return next(filter(Path.exists, files), None)


def _written(answer: Mapping[str, Any], folder: Path) -> Path:
    """Writes gradients to a file that ``check`` reads."""
    arrays = dict(answer)
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    if torch is not None and all(map(torch.is_tensor, arrays.values())):
        file = folder / "answer.pt"
        torch.save({name: tensor.detach().cpu() for name, tensor in arrays.items()}, file)
    elif numpy is not None:
        file = folder / "answer.npz"
        numpy.savez(file, **{name: numpy.asarray(array) for name, array in arrays.items()})
    else:
        file = folder / "answer.json"
        file.write_text(json.dumps({"format": "backstep-answer/1", "grads": arrays}))
    return file


def _said(command: list[str], fine: tuple[int, ...] = (0,)) -> str:
    """Runs the program, and returns what it prints."""
    done = subprocess.run(
        [program(), command[0], "--color", "never", *command[1:]],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode not in fine:
        raise BackstepError(done.stderr.strip().removeprefix("error: "))
    return done.stdout
