"""What a text costs, and what our own may cost."""

from pathlib import Path

import pytest
from django.conf import settings as django_settings
from pytest_django import Settings

from registration.models import RegistrationRequest
from sms import checks
from sms.backends.kavenegar.client import Kavenegar
from sms.models import Message
from sms.otp.challenge import TEMPLATES as TEMPLATES_OF_CODES
from sms.outbox import delivery, segments
from tests.sms.failing import only, queue_result, the_message
from tests.stand_ins.kavenegar import Kavenegar as StandIn

TEMPLATES = sorted(
    path.stem for path in Path(django_settings.BASE_DIR, "templates", "sms").glob("*.txt") if path.stem != "salutation"
)
CODES = set(TEMPLATES_OF_CODES.values())
FOUR_PARTS = {"mismatch_eservices"}  # the guide's text, word for word
LONGEST_HOST = "eservices.example.ir.a"  # 22 letters


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("@£$¥ÄÖÑÜ§¿\n\rΔΦ", 1),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 159 + "{", 2),
        ("a" * 152 + "€" + "a" * 151, 2),
        ("a" * 152 + "€" + "a" * 152, 3),  # the sign of two places does not lie across the border
        ("ک" * 70, 1),
        ("ک" * 71, 2),
        ("ک" * 134, 2),
        ("ک" * 135, 3),
        ("a" * 70 + "ک", 2),
        ("`" * 70, 1),
        ("`" * 71, 2),  # a grave accent is not in the alphabet of GSM
        ("۱" * 71, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("ک" * 66 + "😀" + "ک" * 66, 3),
        ("می\u200cشود" + "ک" * 64, 1),
        ("می\u200cشود" + "ک" * 65, 2),
    ],
)
def test_parts_of_a_text(text: str, expected: int) -> None:
    assert segments.count(text) == expected


@pytest.mark.parametrize(
    ("text", "fits"), [("", False), ("ک", True), ("ک" * 900, True), ("ک" * 901, False), ("😀" * 451, False)]
)
def test_length_of_a_text_is_that_of_its_utf_16(text: str, fits: bool) -> None:
    assert segments.fits(text, 900) == fits


def longest_text(template: str) -> str:
    longest = RegistrationRequest._meta.get_field("last_name").max_length
    params = {"gender": "female", "last_name": "م" * (longest or 0)}
    return delivery.text_of(Message(template=template, params=params, purpose="registration", code_nonce=bytes(16)))


@pytest.mark.parametrize("template", TEMPLATES)
def test_no_text_costs_more_than_it_should(template: str, settings: Settings) -> None:
    settings.PORTAL_HOST = LONGEST_HOST
    allowed = 1 if template in CODES else 4 if template in FOUR_PARTS else 3

    assert segments.count(longest_text(template)) <= allowed


def test_codes_for_a_long_host_are_announced(settings: Settings) -> None:
    settings.PORTAL_HOST = LONGEST_HOST
    assert checks.codes_fit_one_message(None) == []

    settings.PORTAL_HOST += "b"
    [message] = checks.codes_fit_one_message(None)
    assert (message.id, message.level) == ("portal.I030", 20)
    assert "71 of 70" in (message.hint or "")


def test_a_provider_with_a_text_of_its_own_for_codes_is_not_warned_of(backend: Kavenegar, settings: Settings) -> None:
    settings.PORTAL_HOST = LONGEST_HOST + "b"
    settings.SMS_BACKEND = ["kavenegar"]
    assert checks.codes_fit_one_message(None) == []
    settings.SMS_BACKEND = ["kavenegar", "memory"]
    assert len(checks.codes_fit_one_message(None)) == 1


@pytest.mark.django_db
def test_parts_are_kept_with_the_message(account: StandIn) -> None:
    queue_result()
    delivery.drain("texts")

    assert the_message().segments == segments.count(account.messages[0].text) == 2


@pytest.mark.django_db
def test_text_that_is_too_long_is_not_even_tried(account: StandIn) -> None:
    queue_result()
    Message.objects.update(params={"gender": "male", "last_name": "م" * 900})
    delivery.drain("texts")

    assert only(the_message()) == ("failed", "permanent: text empty or too long")
    assert account.received == []
