"""A convolution's backward pass that a student writes in NumPy, marked from Python.

The student's program is the one of ``docs/exercise.md``.
"""

import tempfile
import unittest
from pathlib import Path

import numpy as np

import backstep

NAME = "numpy-convolution"
PAGE = Path(__file__).parents[2] / "docs" / "exercise.md"


def gradients(right: str = "", wrong: str = "") -> dict[str, np.ndarray]:
    """What the program returns, with something else in the place of what is right."""
    text = PAGE.read_text(encoding="utf-8")
    program = text.split("title=convolution.py\n")[1].split("```")[0]
    assert right in program
    scope: dict = {}
    exec(program.replace(right, wrong) if right else program, scope)
    run = backstep.load(NAME)
    returned = scope["conv_backward"](
        run.gradients["conv"], run.values["x"], run.values["conv.weight"], stride=2, pad=1
    )
    return dict(zip(("dx", "dw", "db"), returned))


class Exercise(unittest.TestCase):
    def marked(self, answer) -> tuple[dict, dict]:
        submission = backstep.check(NAME, answer)["submissions"][0]
        return submission, {tensor["name"]: tensor for tensor in submission["tensors"]}

    def test_a_right_program_is_right(self) -> None:
        answer = gradients()
        submission, tensors = self.marked(answer)
        self.assertEqual((submission["verdict"], submission["score"]), ("correct", 1))
        self.assertEqual(list(tensors), ["x", "conv.weight", "conv.bias"])
        # What a file of them says is what they say.
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "answer.npz")
            np.savez(file, **answer)
            self.assertEqual(self.marked(file)[0]["verdict"], "correct")

    def test_the_mark_names_the_slip(self) -> None:
        for right, wrong, tensor, slip in (
            ("* w[f]", "* w[f, :, ::-1, ::-1]", "x", "kernel-flipped"),
            ("dpadded[window] +=", "dpadded[window] =", "x", "kept-only-the-last"),
            ("dw[f] +=", "dw[f] =", "conv.weight", "kept-only-the-last-window"),
            ("axis=(0, 2, 3)", "axis=(0, 1, 2)", "conv.bias", "summed-over-other-axes"),
        ):
            with self.subTest(wrong):
                submission, tensors = self.marked(gradients(right, wrong))
                self.assertEqual(submission["verdict"], "wrong")
                named = [one["slips"] for one in tensors.pop(tensor)["diagnosis"]]
                self.assertEqual(named, [[slip]])
                self.assertEqual({other["status"] for other in tensors.values()}, {"correct"})

    def test_padding_that_is_not_cut_off_is_named(self) -> None:
        answer = gradients("dpadded[:, :, pad:-pad, pad:-pad]", "dpadded")
        submission, _ = self.marked(answer)
        self.assertEqual(submission["verdict"], "incomplete")
        self.assertIn("padding of `conv` is still round it", str(submission["problems"]))

    def test_a_neuron_is_explained_with_the_program_s_number(self) -> None:
        dx = gradients()["dx"]
        explained = backstep.explain(NAME, "x[0,0,1,1]", format="json")
        self.assertEqual(explained["grad"], dx[0, 0, 1, 1])
        self.assertEqual(len(explained["contributions"]), 12)


if __name__ == "__main__":
    unittest.main()
