"""Change a key without a loss: announce the next one, take it into use, and later stop accepting the old one.

    python deploy/rotate_key.py KEY DIRECTORY [FOLDERS] announce|use|retire

KEY: one of make_secrets.KEYS. DIRECTORY and FOLDERS: those of make_secrets.py. After each step all processes of the
portal are started again; rotate_key.sh does both. Why there are steps: at each moment every process accepts what any
other one makes (docs/keys.md).
"""

import sys
from pathlib import Path

import make_secrets


def announce(directory: Path, key: str) -> str:
    """Make the next key; it is accepted from now on. Said twice, it changes nothing."""
    others, coming = directory / f"{key}_fallbacks", directory / f"{key}_next"
    make_secrets.keep(coming, make_secrets.new_key())
    _write(others, [*_read(others), *_read(coming)])
    return "The next key is accepted."


def use(directory: Path, key: str) -> str:
    """The announced key is the one in use, the one before is still accepted."""
    used, others, coming = directory / key, directory / f"{key}_fallbacks", directory / f"{key}_next"
    if not coming.exists():
        raise SystemExit(f"{key}: no next key was announced.")
    # In this order: whatever process starts between two lines accepts both keys.
    _write(others, [*_read(others), *_read(used)])
    _write(used, _read(coming))
    coming.unlink()
    _write(others, [one for one in _read(others) if one not in _read(used)])
    return "The next key is in use, the old one still accepted."


def retire(directory: Path, key: str) -> str:
    """Only the key in use is accepted."""
    if (directory / f"{key}_next").exists():
        raise SystemExit(f"{key}: a next key is announced; use it first.")
    _write(directory / f"{key}_fallbacks", [])
    return "Old keys are not accepted any more."


STEPS = {"announce": announce, "use": use, "retire": retire}


def main(arguments: list[str]) -> None:
    if len(arguments) not in {3, 4} or arguments[0] not in make_secrets.KEYS or arguments[-1] not in STEPS:
        raise SystemExit(__doc__)
    key, directory = arguments[0], Path(arguments[1])
    make_secrets.make_keys(directory)  # an older installation lacks some of the files
    said = STEPS[arguments[-1]](directory, key)
    if len(arguments) == 4:
        make_secrets.hand_out(directory, Path(arguments[2]))
    sys.stdout.write(f"{key}: {said}\n")


def _read(path: Path) -> list[str]:
    return path.read_text(encoding="ascii").split()


def _write(path: Path, keys: list[str]) -> None:
    make_secrets.follow(path, "".join(f"{one}\n" for one in dict.fromkeys(keys)))


if __name__ == "__main__":
    main(sys.argv[1:])
