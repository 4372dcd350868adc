"""Records one forward and backward pass of a PyTorch model as a folder for backstep.

    capture(model, inputs, target, "net/")

This file needs PyTorch and the program ``backstep``, and nothing else: ``backstep capture`` prints
it for those who install no package.
"""

from __future__ import annotations

import contextlib
import copy
import importlib.util
import inspect
import itertools
import os
import random
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import types
import warnings
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor, nn

SCENARIO = "scenario.json"
GRADIENTS = "gradients.pt"


class CaptureError(RuntimeError):
    """A model that cannot be recorded, with the reason."""


def program() -> str:
    """Returns the path of the program ``backstep``: that of this environment, else of the PATH.

    Raises:
        FileNotFoundError: There is none.
    """
    for folder in (sysconfig.get_path("scripts"), str(Path(sys.executable).parent), None):
        found = shutil.which("backstep", path=folder)
        if found is not None:
            return found
    raise FileNotFoundError("the program `backstep` is neither in this environment nor on the PATH")


def capture(
    model: nn.Module,
    inputs: Tensor | tuple[Tensor, ...] | dict[str, Tensor],
    target: Any = None,
    folder: str | os.PathLike[str] = "net",
    *,
    loss: Callable[[Any, Any], Tensor] | None = None,
    overwrite: bool = False,
) -> Path:
    """Records one forward and backward pass of a model, in float64.

    The folder gets the scenario, which opens in the debugger, its weights and inputs beside it, and
    ``gradients.pt``: the values and gradients that PyTorch computes for the output of every module,
    for every parameter and for every input, by the names of ``named_modules()`` and
    ``named_parameters()``. ``backstep check`` lays them beside those of the scenario.

    The model stays as it is, and so do the random numbers to come. What the forward pass draws by
    chance, for dropout and the like, is recorded and becomes constants.

    Args:
        model: Any module. Each of its parts runs in the mode that it is in, training or not.
        inputs: A tensor, a tuple of them, or a dictionary by the arguments of ``forward``. Those of
            floating point get gradients.
        target: What the loss compares the output with.
        folder: Where the files go. It is made where there is none.
        loss: Called with the output and the target, it returns one number. Without it a target of
            integers is for ``cross_entropy`` and one of floats for ``mse_loss``; with no target
            either, the loss is the sum of the output.
        overwrite: Whether an earlier recording in the folder may be replaced.

    Returns:
        The path of the scenario.

    Raises:
        CaptureError: The model draws random numbers where they cannot be seen, or has a step that
            PyTorch cannot export or backstep has no op for.
        FileExistsError: The folder has a recording, and `overwrite` is not set.
    """
    import torch

    folder = Path(folder)
    refuse_to_overwrite(folder, overwrite)
    run = _Pass(model, inputs, target, loss or _usual_loss)
    draws = _Draws()
    with _Chance() as chance, tempfile.TemporaryDirectory() as scratch:
        with draws.recorded():
            gradients = run.recorded()
        chance.rewind()
        file = Path(scratch, f"{type(model).__name__}.onnx")
        try:
            with draws.replayed():
                run.export(file)
        except CaptureError:
            if chance.is_at_start():
                raise
        if not chance.is_at_start():
            raise CaptureError(
                "the model draws random numbers where they cannot be recorded, as nn.LSTM does "
                "between its layers; set that dropout to 0, or bring the model to eval mode"
            )
        given = Path(scratch, "inputs.pt")
        torch.save(run.inputs, given)
        run_import(file, given, list(run.inputs), folder, overwrite)
    torch.save(gradients, folder / GRADIENTS)
    return folder / SCENARIO


class _Pass:
    """A copy of a model in float64, and what it is run on."""

    def __init__(
        self, model: nn.Module, inputs: Any, target: Any, loss: Callable[..., Any]
    ) -> None:
        try:
            # What was compiled is a shell around the model.
            model = getattr(model, "_orig_mod", model)
            self.model = copy.deepcopy(model).cpu().double()
        except (RuntimeError, TypeError) as error:
            raise CaptureError(f"the model cannot be copied: {error}") from error
        self.inputs = {name: _own(tensor) for name, tensor in _by_argument(model, inputs).items()}
        self.by_argument = isinstance(inputs, dict)
        self.target = _own(target)
        self.loss = _by_name(loss)
        self.names: list[str] = []

    def recorded(self) -> dict[str, Tensor]:
        """Returns the gradients of one pass by name, and the values as ``value/NAME``."""
        values: dict[str, Tensor] = {}
        gradients: dict[str, Tensor] = {}

        def see(name: str, tensor: Tensor) -> None:
            values[name] = tensor.detach().clone()
            # A hook stays with the tensor as it is now, should it be changed in place.
            if tensor.requires_grad:
                tensor.register_hook(lambda gradient: gradients.update({name: gradient.clone()}))

        leaves = self.inputs | dict(self.model.named_parameters())
        statistics = {name: buffer.clone() for name, buffer in self.model.named_buffers()}
        for tensor in self.inputs.values():
            tensor.requires_grad_(tensor.is_floating_point())
        with self._seen(see):
            total = self._loss()
        total.backward()
        self.names = list(values)
        for name, leaf in leaves.items():
            values[name] = leaf.detach()
            if leaf.grad is not None:
                gradients[name], leaf.grad = leaf.grad, None
        # Those of batch norm have gone on.
        for name, buffer in self.model.named_buffers():
            buffer.copy_(statistics[name])
        return gradients | {f"value/{name}": values[name] for name in gradients}

    def export(self, file: Path) -> None:
        """Writes the same pass as an ONNX model, whose outputs are the loss and those of the
        modules."""
        import torch

        outputs: list[Tensor] = []
        names = self.names

        def begin(
            _model: nn.Module, inputs: tuple[Any, ...], _keywords: dict[str, Any]
        ) -> tuple[tuple[Any, ...], dict[str, Any]]:
            outputs.clear()
            # The exporter adds the defaults of the arguments that were left out.
            named = dict(zip(self.inputs, inputs))
            return ((), named) if self.by_argument else (tuple(named.values()), {})

        def end(_model: nn.Module, _inputs: tuple[Any, ...], output: Any) -> tuple[Tensor, ...]:
            return self.loss(output, self.target), *outputs

        # A copy keeps what is changed in place afterwards.
        with self._seen(lambda _, tensor: outputs.append(tensor.clone())):
            handles = [
                self.model.register_forward_pre_hook(begin, with_kwargs=True),
                self.model.register_forward_hook(end),
            ]
            try:
                with _exporter():
                    torch.onnx.export(
                        self.model,
                        tuple(self.inputs.values()),
                        str(file),
                        input_names=list(self.inputs),
                        # A child of an nn.Sequential is called by a number, and no name begins so.
                        output_names=["loss", *(f"_{n}" if n[0].isdigit() else n for n in names)],
                        dynamo=False,
                        training=torch.onnx.TrainingMode.PRESERVE,
                        do_constant_folding=False,
                    )
            except CaptureError:
                raise
            except (RuntimeError, ValueError, TypeError, AttributeError) as error:
                # What follows is the whole graph.
                says = str(error).partition("[Caused by")[0].strip().partition("\n")[0]
                raise CaptureError(f"PyTorch cannot export the model: {says}") from error
            finally:
                for handle in handles:
                    handle.remove()

    def _loss(self) -> Tensor:
        import torch

        given = self.inputs
        output = self.model(**given) if self.by_argument else self.model(*given.values())
        total = self.loss(output, self.target)
        if not torch.is_tensor(total) or total.numel() != 1:
            raise CaptureError("the loss is no single number; `loss` should return one")
        if not total.requires_grad:
            raise CaptureError("nothing that the loss is computed from has a gradient")
        return total

    @contextlib.contextmanager
    def _seen(self, see: Callable[[str, Tensor], None]) -> Iterator[None]:
        """Shows what each module returns, under its name, the inner ones' first. What is only
        handed on is shown once, under the first name."""
        # A tensor that is changed in place is the same object in another version.
        seen: dict[tuple[int, int], Tensor] = {}
        modules = {name: module for name, module in self.model.named_modules() if name}
        free = {name: _numbered(name, modules) for name in modules}

        def hook(name: str) -> Callable[..., Any]:
            def after(_module: nn.Module, _given: Any, output: Any) -> None:
                for tensor in _tensors(output)[:1]:
                    if (id(tensor), tensor._version) in seen or not tensor.is_floating_point():
                        continue
                    seen[id(tensor), tensor._version] = tensor
                    see(next(free[name]), tensor)

            return after

        def begin(_model: nn.Module, inputs: tuple[Any, ...], keywords: dict[str, Any]) -> None:
            for tensor in _tensors([inputs, keywords]):
                seen[id(tensor), tensor._version] = tensor

        handles = [module.register_forward_hook(hook(name)) for name, module in modules.items()]
        handles.append(self.model.register_forward_pre_hook(begin, with_kwargs=True))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()


class _Draws:
    """What a forward pass draws by chance: recorded in one pass and given again in the next."""

    # Whatever returns numbers that are drawn.
    _MADE = ("bernoulli", "normal", "rand", "rand_like", "randn", "randn_like", "randperm")
    # Whatever fills a tensor with them.
    _FILLED = ("bernoulli_", "exponential_", "normal_", "uniform_")
    # Whatever is a product with numbers that are drawn, and at most a sum with others.
    _DROPOUTS = (
        "alpha_dropout",
        "dropout",
        "dropout1d",
        "dropout2d",
        "dropout3d",
        "feature_alpha_dropout",
    )

    def __init__(self) -> None:
        self.drawn: list[Any] = []

    @contextlib.contextmanager
    def recorded(self) -> Iterator[None]:
        """Notes all that is drawn."""

        def note(drawn: Any) -> Any:
            self.drawn.append(drawn)
            return drawn

        with self._instead(lambda draw: note(draw())):
            yield

    @contextlib.contextmanager
    def replayed(self) -> Iterator[None]:
        """Gives what has been drawn, in its order."""
        drawn = iter(self.drawn)
        with self._instead(lambda _draw: next(drawn)):
            yield

    @contextlib.contextmanager
    def _instead(self, drawn: Callable[[Callable[[], Any]], Any]) -> Iterator[None]:
        """Puts `drawn` in the place of each draw."""
        import torch
        from torch.nn import functional

        def made(real: Callable[..., Any]) -> Callable[..., Any]:
            return lambda *given, **named: drawn(lambda: real(*given, **named)).clone()

        def filled(real: Callable[..., Any]) -> Callable[..., Any]:
            def fill(tensor: Tensor, *given: Any, **named: Any) -> Tensor:
                values = drawn(lambda: real(tensor.detach().clone(), *given, **named))
                # The exporter knows no copy_.
                return tensor.zero_().add_(values)

            return fill

        def dropout(real: Callable[..., Any]) -> Callable[..., Any]:
            def drop(
                input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
            ) -> Tensor:
                if not training or p == 0:
                    return real(input, p, False)

                def draw() -> tuple[Tensor, Tensor | None]:
                    state = torch.get_rng_state()
                    product = real(torch.ones_like(input).detach(), p, True)
                    torch.set_rng_state(state)
                    other = real(torch.zeros_like(input).detach(), p, True)
                    return product - other, other if other.any() else None

                product, other = drawn(draw)
                dropped = input.mul_(product) if inplace else input * product
                return dropped if other is None else dropped.add_(other)

            return drop

        def attention(real: Callable[..., Any]) -> Callable[..., Any]:
            def attend(query: Tensor, key: Tensor, value: Tensor, *given: Any, **named: Any) -> Any:
                bound = inspect.signature(_attention).bind(query, key, value, *given, **named)
                is_plain = not bound.arguments.get("dropout_p")
                return (real if is_plain else _attention)(query, key, value, *given, **named)

            return attend

        places = [(torch, name, made) for name in self._MADE]
        places += [(torch.Tensor, name, filled) for name in self._FILLED]
        places += [(functional, name, dropout) for name in self._DROPOUTS]
        places += [(functional, "scaled_dot_product_attention", attention)]
        real = [(owner, name, getattr(owner, name)) for owner, name, _ in places]
        try:
            for (owner, name, instead), (_, _, own) in zip(places, real):
                setattr(owner, name, instead(own))
            yield
        finally:
            for owner, name, own in real:
                setattr(owner, name, own)


def _attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """Attention as ``torch.nn.functional.scaled_dot_product_attention`` defines it, whose dropout
    can be seen."""
    import torch
    from torch.nn import functional

    if enable_gqa:
        n = query.size(-3) // key.size(-3)
        key, value = key.repeat_interleave(n, -3), value.repeat_interleave(n, -3)
    scores = query @ key.transpose(-2, -1) * (query.size(-1) ** -0.5 if scale is None else scale)
    if is_causal:
        attn_mask = torch.ones(scores.shape[-2:], dtype=torch.bool).tril()
    if attn_mask is not None and attn_mask.dtype == torch.bool:
        scores = scores.masked_fill(attn_mask.logical_not(), float("-inf"))
    elif attn_mask is not None:
        scores = scores + attn_mask
    return functional.dropout(scores.softmax(-1), dropout_p) @ value


@contextlib.contextmanager
def _exporter() -> Iterator[None]:
    """What PyTorch's exporter needs, and keeps it quiet."""
    import torch

    fast = torch.backends.mha.get_fastpath_enabled()
    # It looks through the model for functions of onnxscript, of which there is none here, and wants
    # all of `onnx` for that.
    stands_in = importlib.util.find_spec("onnx") is None
    if stands_in:
        nothing = types.SimpleNamespace(graph=types.SimpleNamespace(node=()))
        onnx = types.ModuleType("onnx")
        onnx.load_model_from_string = lambda _model: nothing  # type: ignore[attr-defined]
        sys.modules["onnx"] = onnx
    try:
        # The fused attention has no counterpart in the file.
        torch.backends.mha.set_fastpath_enabled(False)
        with warnings.catch_warnings(), _silence(), _plain_functions():
            warnings.simplefilter("ignore")
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
        if stands_in:
            del sys.modules["onnx"]


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keeps the exporter from printing the whole graph where it fails, which it does in C++."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [(number, os.dup(number)) for number in (1, 2)]
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        for number, _ in kept:
            os.dup2(nothing, number)
        yield
    finally:
        for number, own in kept:
            os.dup2(own, number)
            os.close(own)
        os.close(nothing)


@contextlib.contextmanager
def _plain_functions() -> Iterator[None]:
    """Writes the losses and layers that ONNX does not have as what they are made of."""
    from torch.nn import functional

    real = {name: getattr(functional, name) for name in (*_LOSSES, *_OTHERS)}
    try:
        for name, plain in _LOSSES.items():
            setattr(functional, name, _reduced(plain, real[name]))
        for name, plain in _OTHERS.items():
            setattr(functional, name, plain)
        yield
    finally:
        for name, own in real.items():
            setattr(functional, name, own)


def _reduced(plain: Callable[..., Any], real: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a loss of PyTorch's as the mean or sum of the elements that `plain` makes, where it
    makes any of these arguments."""

    def loss(*given: Any, **named: Any) -> Tensor:
        bound = inspect.signature(real).bind(*given, **named)
        bound.apply_defaults()
        reduction = bound.arguments.pop("reduction")
        # What PyTorch has long said otherwise.
        old = [bound.arguments.pop(key, None) for key in ("reduce", "size_average")]
        elements = plain(**bound.arguments) if old == [None, None] else None
        if elements is None:
            return real(*given, **named)
        return elements if reduction == "none" else getattr(elements, reduction)()

    return loss


def _l1(input: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor | None:
    return (input - target).abs() if weight is None else None


def _smooth_l1(input: Tensor, target: Tensor, beta: float) -> Tensor:
    import torch

    far = (input - target).abs()
    return far if beta == 0 else torch.where(far < beta, far * far / (2 * beta), far - beta / 2)


def _huber(
    input: Tensor, target: Tensor, delta: float, weight: Tensor | None = None
) -> Tensor | None:
    smooth = _smooth_l1(input, target, delta)
    return delta * smooth if weight is None else None


def _binary_cross_entropy(input: Tensor, target: Tensor, weight: Tensor | None) -> Tensor:
    yes, no = input.log().clamp(min=-100), (1 - input).log().clamp(min=-100)
    elements = -(target * yes + (1 - target) * no)
    return elements if weight is None else elements * weight


def _soft_margin(input: Tensor, target: Tensor) -> Tensor:
    from torch.nn import functional

    return functional.softplus(-target * input)


def _cosine(input1: Tensor, input2: Tensor, target: Tensor, margin: float) -> Tensor:
    import torch
    from torch.nn import functional

    alike = functional.cosine_similarity(input1, input2, dim=-1)
    return torch.where(target > 0, 1 - alike, (alike - margin).clamp(min=0))


def _hinge(input: Tensor, target: Tensor, margin: float) -> Tensor:
    import torch

    return torch.where(target > 0, input, (margin - input).clamp(min=0))


def _ranking(input1: Tensor, input2: Tensor, target: Tensor, margin: float) -> Tensor:
    return (margin - target * (input1 - input2)).clamp(min=0)


def _poisson(
    input: Tensor, target: Tensor, log_input: bool, full: bool, eps: float
) -> Tensor | None:
    if full:
        return None
    return input.exp() - target * input if log_input else input - target * (input + eps).log()


def _cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int, label_smoothing: float
) -> Tensor | None:
    """The cross-entropy with probabilities, or of classes that are smoothed."""
    from torch.nn import functional

    axis = min(1, input.dim() - 1)
    rows = functional.log_softmax(input, axis)
    if target.is_floating_point():
        elements = -(target * rows).sum(axis)
    elif label_smoothing == 0 or (target == ignore_index).any():
        return None
    else:
        elements = functional.nll_loss(rows, target, reduction="none")
    smooth = (1 - label_smoothing) * elements - label_smoothing * rows.mean(axis)
    return smooth if weight is None else None


def _triplet(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float,
    p: float,
    eps: float,
    swap: bool,
) -> Tensor:
    def distance(one: Tensor, other: Tensor) -> Tensor:
        return _distance(one, other, p, eps)

    return _triplet_with(anchor, positive, negative, distance, margin, swap)


def _triplet_with(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    distance_function: Callable[[Tensor, Tensor], Tensor] | None,
    margin: float,
    swap: bool,
) -> Tensor:
    import torch

    distance = distance_function or _distance
    far = distance(anchor, negative)
    if swap:
        far = torch.minimum(far, distance(positive, negative))
    return (distance(anchor, positive) - far + margin).clamp(min=0)


def _multi_margin(
    input: Tensor, target: Tensor, p: int, margin: float, weight: Tensor | None
) -> Tensor:
    import torch

    own = target.unsqueeze(-1)
    classes = torch.arange(input.shape[-1])
    short = (margin - input.gather(-1, own) + input).clamp(min=0)
    short = short if p == 1 else short * short
    if weight is not None:
        short = short * weight[target].unsqueeze(-1)
    return torch.where(classes == own, 0.0, short).sum(-1) / len(classes)


def _multilabel_margin(input: Tensor, target: Tensor) -> Tensor:
    import torch

    n_classes = input.shape[-1]
    rows = []
    for scores, listed in zip(
        input.reshape(-1, n_classes), target.reshape(-1, n_classes).tolist()
    ):
        # The list of a sample's classes ends before the first −1.
        own = listed[: listed.index(-1)] if -1 in listed else listed
        others = [number for number in range(n_classes) if number not in own]
        if not own or not others:
            rows.append(0 * scores[0])
            continue
        short = 1 - scores[own].unsqueeze(1) + scores[others]
        rows.append(short.clamp(min=0).sum() / n_classes)
    return torch.stack(rows).reshape(input.shape[:-1])


_LOSSES: dict[str, Callable[..., Any]] = {
    "binary_cross_entropy": _binary_cross_entropy,
    "cosine_embedding_loss": _cosine,
    "cross_entropy": _cross_entropy,
    "hinge_embedding_loss": _hinge,
    "huber_loss": _huber,
    "l1_loss": _l1,
    "margin_ranking_loss": _ranking,
    "multi_margin_loss": _multi_margin,
    "multilabel_margin_loss": _multilabel_margin,
    "poisson_nll_loss": _poisson,
    "smooth_l1_loss": _smooth_l1,
    "soft_margin_loss": _soft_margin,
    "triplet_margin_loss": _triplet,
    "triplet_margin_with_distance_loss": _triplet_with,
}


def _bilinear(
    input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None
) -> Tensor:
    # [*, 1, 1, in1] times [out, in1, in2], and then its products with [*, 1, in2], added.
    halfway = (input1[..., None, None, :] @ weight).squeeze(-2)
    sums = (halfway * input2[..., None, :]).sum(-1)
    return sums if bias is None else sums + bias


def _distance(
    x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Tensor:
    # The exporter forgets that a power is one of the absolute value.
    apart = x1 - x2 + eps
    if p == 2:
        return (apart * apart).sum(-1, keepdim).sqrt()
    far = apart.abs()
    if p == float("inf"):
        return far.amax(-1, keepdim)
    return far.sum(-1, keepdim) if p == 1 else (far**p).sum(-1, keepdim) ** (1 / p)


def _ctc(*_given: Any, **_named: Any) -> Tensor:
    raise CaptureError(
        "`ctc_loss` adds up over all alignments, which no op expresses: capture the model with "
        "`loss=lambda output, _: (output * g).sum()`, where `g` is the gradient that `ctc_loss` "
        "sends back to the output"
    )


_OTHERS: dict[str, Callable[..., Any]] = {
    "bilinear": _bilinear,
    "ctc_loss": _ctc,
    "pairwise_distance": _distance,
}


class _Chance:
    """The generators of random numbers, which are left as they were found."""

    def __enter__(self) -> _Chance:
        self.start = self._states()
        return self

    def __exit__(self, *_error: object) -> None:
        self.rewind()

    def rewind(self) -> None:
        """Brings the generators back to where they were."""
        import torch

        torch.set_rng_state(self.start[0])
        random.setstate(self.start[1])
        if "numpy" in sys.modules and self.start[2] is not None:
            sys.modules["numpy"].random.set_state(self.start[2])

    def is_at_start(self) -> bool:
        """Whether PyTorch's has drawn nothing since."""
        import torch

        return bool(torch.equal(torch.get_rng_state(), self.start[0]))

    @staticmethod
    def _states() -> tuple[Tensor, Any, Any]:
        import torch

        numpy = sys.modules.get("numpy")
        return torch.get_rng_state(), random.getstate(), numpy and numpy.random.get_state()


def refuse_to_overwrite(folder: Path, overwrite: bool) -> None:
    """Raises an error where a folder has a recording that may not be replaced."""
    if (folder / SCENARIO).exists() and not overwrite:
        raise FileExistsError(f"{folder} has a recording; overwrite=True replaces it")


def run_import(model: Path, given: Path, names: list[str], folder: Path, overwrite: bool) -> None:
    """Makes a scenario of an ONNX model whose output is ``loss``. `given` has its inputs."""
    command = [program(), "import", str(model), "--tensor", "loss", "--output-names"]
    for name in names:
        command += ["--input", f"{name}={given}"]
    command += ["-o", str(folder), *["--force"] * overwrite]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CaptureError(done.stderr.strip().removeprefix("error: "))


def _by_argument(model: nn.Module, inputs: Any) -> dict[str, Tensor]:
    """Returns the inputs by the arguments of the model's ``forward``."""
    import torch

    if isinstance(inputs, dict):
        return inputs
    inputs = (inputs,) if torch.is_tensor(inputs) else tuple(inputs)
    arguments = inspect.signature(model.forward).parameters.values()
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [argument.name for argument in arguments if argument.kind in kinds]
    names += [f"input_{number}" for number in range(len(names), len(inputs))]
    return dict(zip(names, inputs))


def _numbered(name: str, taken: Collection[str]) -> Iterator[str]:
    """Returns names for the calls of a module: ``fc``, ``fc_2``, ... but those of other modules."""
    yield name
    yield from (f"{name}_{n}" for n in itertools.count(2) if f"{name}_{n}" not in taken)


def _own(tensor: Any) -> Any:
    """Returns a tensor of one's own, in float64 where it is of floating point."""
    import torch

    if not torch.is_tensor(tensor):
        return tensor
    tensor = tensor.detach().cpu().clone()
    return tensor.double() if tensor.is_floating_point() else tensor


def _tensors(given: Any) -> list[Tensor]:
    """Returns all tensors in what a module is given or returns."""
    import torch

    if torch.is_tensor(given):
        return [given]
    if isinstance(given, dict):
        given = list(given.values())
    if isinstance(given, (tuple, list)):
        return [tensor for each in given for tensor in _tensors(each)]
    return []


def _by_name(loss: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a function of PyTorch's as whatever stands in its place when it is called."""
    from torch.nn import functional

    name = getattr(loss, "__name__", "")
    if getattr(functional, name, None) is not loss:
        return loss
    return lambda *given: getattr(functional, name)(*given)


def _usual_loss(output: Any, target: Any) -> Tensor:
    """Returns the loss that goes with a target."""
    import torch
    from torch.nn import functional

    if not torch.is_tensor(output):
        raise CaptureError("the model returns no single tensor; give a `loss` that takes it")
    if target is None:
        return output.sum()
    target = torch.as_tensor(target)
    if target.is_floating_point():
        return functional.mse_loss(output, target)
    return functional.cross_entropy(output, target)
