"""Compile the translations (.po → .mo) without gettext's tools, which an ordinary user may not be able to install."""

import os
import sys
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent


def compile_all(root: Path) -> None:
    """Compile every catalogue of the tree that is newer than its compiled form."""
    for source in sorted(root.glob("locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            partial = target.with_suffix(f".{os.getpid()}.partial")
            polib.pofile(str(source), check_for_duplicates=True).save_as_mofile(str(partial))
            partial.replace(target)  # a running process never reads half a file


if __name__ == "__main__":
    compile_all(ROOT)
    sys.exit(0)
