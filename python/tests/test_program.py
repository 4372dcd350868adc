"""The program from Python, where neither NumPy nor PyTorch is needed."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import backstep


class Program(unittest.TestCase):
    def test_it_is_a_module_too(self) -> None:
        for command in ([backstep.program()], [sys.executable, "-m", "backstep"]):
            said = subprocess.run([*command, "--version"], capture_output=True, text=True)
            self.assertTrue(said.stdout.startswith("backstep "), said)

    def test_explain(self) -> None:
        self.assertIn("1 − 3 + 6 = 4", backstep.explain("the-question", "pool[1,0]"))
        as_json = backstep.explain("the-question", "pool[1,0]", format="json")
        self.assertEqual(as_json["grad"], 4)

    def test_what_cannot_be_used_is_said(self) -> None:
        with self.assertRaisesRegex(backstep.BackstepError, "has no tensor `pol`"):
            backstep.explain("the-question", "pol[0,0]")
        with self.assertRaises(backstep.BackstepError):
            backstep.explain("the-question", "-h")
        with self.assertRaisesRegex(backstep.BackstepError, "no folder that `capture` wrote"):
            backstep.check("the-question")
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaises(backstep.BackstepError):
                backstep.page(folder)

    def test_a_page_stands_in_a_notebook(self) -> None:
        page = backstep.page("the-question", steps="1..4")
        shown = page._repr_html_()
        self.assertIn('<iframe title="backstep" srcdoc="&lt;!', shown)
        # Nothing of the page ends the attribute that it stands in.
        self.assertEqual(shown.count('"'), 6)
        with tempfile.TemporaryDirectory() as folder:
            path = page.save(Path(folder, "page.html"))
            self.assertEqual(path.read_text(encoding="utf-8"), page.html)

    def test_answers_of_lists(self) -> None:
        for answer, verdict in (
            ({"pool": [[3.5, 15], [4, -2]]}, "incomplete"),
            ({"pool": [[3.5, 15], [36, -2]]}, "wrong"),
        ):
            report = backstep.check("the-question", answer)
            self.assertEqual(report["submissions"][0]["verdict"], verdict)
        asked = backstep.check("the-question", {"pool": [[3.5, 15], [4, -2]]}, ask=["pool"])
        self.assertEqual(asked["submissions"][0]["verdict"], "correct")

    @unittest.skipIf(os.isatty(0), "there is a terminal")
    def test_without_a_terminal_the_debugger_does_not_open(self) -> None:
        with self.assertRaisesRegex(backstep.BackstepError, "no terminal"):
            backstep.debug("the-question")


if __name__ == "__main__":
    unittest.main()
