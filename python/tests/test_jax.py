"""A function of JAX, recorded."""

import tempfile
import unittest
from pathlib import Path
from typing import Any

import backstep
import jax
import jax.numpy as jnp
import numpy


def net(parameters: Any, x: Any, labels: Any) -> Any:
    h = jnp.tanh(x @ parameters["first"]["w"] + parameters["first"]["b"])
    h = jax.nn.relu(h @ parameters["others"][0])
    rows = jax.nn.log_softmax(h @ parameters["others"][1])
    return -jnp.mean(rows[jnp.arange(len(labels)), labels])


class Captured(unittest.TestCase):
    def test_a_function_of_parameters(self) -> None:
        chance = numpy.random.default_rng(0)

        def draw(*shape: int) -> Any:
            return chance.normal(size=shape).astype("float32")

        parameters = {
            "first": {"w": draw(3, 4), "b": draw(4)},
            "others": [draw(4, 5), draw(5, 2)],
        }
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch, "net")
            inputs = (draw(2, 3), numpy.array([1, 0]))
            backstep.capture_jax(net, parameters, inputs, folder)
            marked = backstep.check(folder, rtol=1e-9, atol=1e-11)["submissions"][0]
            names = {tensor["name"] for tensor in marked["tensors"]}
            self.assertEqual(names, {"x", "first.w", "first.b", "others.0", "others.1"})
            self.assertTrue(all(tensor["status"] == "correct" for tensor in marked["tensors"]))

    def test_a_function_of_several_numbers_is_refused(self) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            with self.assertRaisesRegex(backstep.CaptureError, "no single number"):
                backstep.capture_jax(lambda p: p["a"], {"a": numpy.ones(2)}, (), Path(scratch, "n"))


if __name__ == "__main__":
    unittest.main()
