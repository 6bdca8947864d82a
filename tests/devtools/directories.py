"""A directory that PostgreSQL's own user may enter: pytest's are private, made so by every run for all runs."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def open_directory() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="portal-tests-"))
    path.chmod(0o711)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
