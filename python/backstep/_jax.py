"""Records a function of JAX as a folder for backstep, by way of ``jax2onnx``."""

from __future__ import annotations

import inspect
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ._capture import SCENARIO, CaptureError, refuse_to_overwrite, run_import

GRADIENTS = "gradients.npz"


def capture_jax(
    function: Callable[..., Any],
    parameters: Mapping[str, Any],
    inputs: Any = (),
    folder: str | os.PathLike[str] = "net",
    *,
    overwrite: bool = False,
) -> Path:
    """Records one evaluation of a function and its gradients, in float64.

    The folder gets the scenario, the numbers beside it, and ``gradients.npz``: what ``jax.grad``
    gives for every parameter and for every input, under their names. A parameter inside others is
    called by the way to it: ``layer1.w``.

    Args:
        function: Called as ``function(parameters, *inputs)``, it returns one number.
        parameters: A dictionary of arrays, or of more dictionaries, lists and tuples of them.
        inputs: An array, or a tuple of them, which are called as the function's arguments are.
        folder: Where the files go. It is made where there is none.
        overwrite: Whether an earlier recording in the folder may be replaced.

    Returns:
        The path of the scenario.

    Raises:
        CaptureError: The function returns no single number, or has a step that jax2onnx cannot
            export or backstep has no op for.
        FileExistsError: The folder has a recording, and `overwrite` is not set.
        ImportError: JAX or jax2onnx is not installed.
    """
    import jax
    import jax2onnx
    import numpy

    folder = Path(folder)
    refuse_to_overwrite(folder, overwrite)
    inputs = inputs if isinstance(inputs, tuple) else (inputs,)
    with jax.enable_x64(True):
        paths, tree = jax.tree_util.tree_flatten_with_path(parameters)
        arguments = list(inspect.signature(function).parameters)[1:]
        names = [_name(path) for path, _ in paths] + arguments[: len(inputs)]
        arrays = [_double(numpy.asarray(array)) for array in [own for _, own in paths] + [*inputs]]

        def flat(*given: Any) -> Any:
            own = jax.tree_util.tree_unflatten(tree, given[: len(paths)])
            return function(own, *given[len(paths) :])

        shape = jax.eval_shape(flat, *arrays)
        if getattr(shape, "shape", None) != ():
            raise CaptureError("the function returns no single number")
        trained = [at for at, array in enumerate(arrays) if array.dtype.kind == "f"]
        gradients = jax.grad(flat, argnums=tuple(trained))(*arrays)
        try:
            model = jax2onnx.to_onnx(
                flat,
                inputs=[jax.ShapeDtypeStruct(array.shape, array.dtype) for array in arrays],
                input_names=names,
                output_names=["loss"],
                enable_double_precision=True,
            )
        except (NotImplementedError, RuntimeError, TypeError, ValueError) as error:
            raise CaptureError(f"jax2onnx cannot export the function: {error}") from error
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, f"{function.__name__}.onnx")
        file.write_bytes(model.SerializeToString())
        given = Path(scratch, "inputs.npz")
        numpy.savez(given, **dict(zip(names, arrays)))
        run_import(file, given, names, folder, overwrite)
    numpy.savez(folder / GRADIENTS, **{names[at]: own for at, own in zip(trained, gradients)})
    return folder / SCENARIO


def _double(array: Any) -> Any:
    return array.astype("float64") if array.dtype.kind == "f" else array


def _name(path: Any) -> str:
    """Returns the way to a parameter: ``layer1.w``."""
    keys = ("key", "name", "idx")
    return ".".join(str(next(getattr(at, key) for key in keys if hasattr(at, key))) for at in path)
