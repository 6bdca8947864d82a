"""The Makefile: its help leaves nothing out."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_help_lists_every_target_with_what_it_does() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall("^([a-z.][a-z-]*):", makefile, re.MULTILINE))
    phony = re.search("^[.]PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony
    assert targets == set(phony[1].split())
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall("^  make ([a-z.-]+) +[A-Z]", said, re.MULTILINE)) == targets
