"""What the tests of the Kavenegar backend share."""

from collections.abc import Callable

import pytest

from sms.backends.base import Outgoing, SmsError

CODE = Outgoing("+989121234567", "کد فعال‌سازی: 482913\n@portal.example #482913", (1 << 62) - 5, "482913")
RESULT = Outgoing("+989121234567", "جناب آقای محمدی، خوش آمدید & +۱۰٪", (1 << 62) - 1)
BOTH = pytest.mark.parametrize("outgoing", [CODE, RESULT], ids=["code", "result"])

Document = dict[str, object]


def failure(act: Callable[[], object]) -> SmsError:
    with pytest.raises(SmsError) as caught:
        act()
    return caught.value


def change_entry(document: Document, **changes: object) -> Document:
    return {**document, "entries": [{**entry_of(document), **changes}]}


def entry_of(document: Document) -> Document:
    entries = document["entries"]
    assert isinstance(entries, list)
    entry = entries[0]
    assert isinstance(entry, dict)
    return entry
