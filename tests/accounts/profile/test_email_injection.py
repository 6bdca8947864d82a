"""An e-mail address goes into the header of a message."""

import pytest
from django.core.exceptions import ValidationError

from accounts.email_field import EmailField


@pytest.mark.parametrize(
    "end",
    [
        "\nBcc: b@example.com",
        "\r\nBcc: b@example.com",
        "\r\n\r\nText",
        "\x00",
        "\x0bBcc: b@example.com",
        "\u2028Bcc: b@example.com",
        ", b@example.com",
    ],
)
def test_a_line_break_in_an_e_mail_is_refused(end: str) -> None:
    with pytest.raises(ValidationError):
        EmailField().clean(f"a@example.com{end}")
