"""Builds accounts/data/common-passwords.txt.gz: the known passwords that would satisfy the portal's other rules.

    python -m devtools.build_common_passwords 10_million_password_list_top_1M.txt

The list is SecLists' (CC BY-SA 3.0, see the notice beside the result); Django's own list is added. A password stays if
it satisfies the rules in some mixture of capitals, since the check ignores them. Same lists, same bytes.
"""

import gzip
import re
import sys
from collections.abc import Iterable
from pathlib import Path

import django.contrib.auth

TARGET = Path(__file__).parent.parent / "accounts" / "data" / "common-passwords.txt.gz"
DJANGO_LIST = Path(django.contrib.auth.__file__).parent / "common-passwords.txt.gz"


def useful(passwords: Iterable[str]) -> list[str]:
    """Lower-cased, sorted, unique: begins with a letter, two letters and a digit at least, 8–128 allowed characters."""
    lowered = {password.strip().lower() for password in passwords}
    return sorted(
        password for password in lowered if re.fullmatch("[a-z](?=.*[0-9])(?=.*[a-z])[a-z0-9!%$#&]{7,127}", password)
    )


def build(source: Path, target: Path = TARGET) -> int:
    """Writes the list; how many passwords it holds."""
    with gzip.open(DJANGO_LIST, "rt", encoding="utf-8") as shipped:
        passwords = useful([*source.read_text(encoding="utf-8", errors="replace").splitlines(), *shipped])
    content = "".join(f"{password}\n" for password in passwords).encode("ascii")
    target.write_bytes(gzip.compress(content, compresslevel=9, mtime=0))
    return len(passwords)


if __name__ == "__main__":
    print(build(Path(sys.argv[1])), "passwords")
