import io

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from sms import backends
from sms.backends import memory
from sms.backends.base import DeliveryState, ErrorKind, Outgoing, Receipt, SmsError, UnexpectedError, mask
from sms.backends.console import Console

CODE = Outgoing("+989121234567", "کد فعال‌سازی: 482913", 1 << 61, "482913")


@pytest.fixture(autouse=True)
def empty_outbox() -> None:
    memory.outbox.clear()


@pytest.mark.parametrize("name", backends.BACKENDS)
def test_every_backend_is_found_by_its_name(name: str, settings: Settings) -> None:
    settings.KAVENEGAR_API_KEY = "key"
    settings.KAVENEGAR_BASE_URL = "https://api.kavenegar.com"
    settings.SMS_BACKEND = [name]

    [backend] = backends.get_backends()

    assert backend.name == name


def test_order_of_the_setting_is_kept(settings: Settings) -> None:
    settings.SMS_BACKEND = "memory, handset"

    assert [backend.name for backend in backends.get_backends()] == ["memory", "handset"]


@pytest.mark.parametrize("value", ["", "smtp", "memory,smtp", []])
def test_unknown_name_is_refused(value: str | list[str], settings: Settings) -> None:
    settings.SMS_BACKEND = value

    with pytest.raises(ImproperlyConfigured, match="SMS_BACKEND takes one of: handset, console, memory, kavenegar"):
        backends.get_backends()


@pytest.mark.parametrize(
    ("key", "address"),
    [
        ("", "https://api.kavenegar.com"),
        ("s3cr3t", "http://api.kavenegar.com"),
        ("s3cr3t", "https://u:p@api.kavenegar.com"),
    ],
)
def test_kavenegar_refuses_to_start_without_key_or_over_an_open_line(
    key: str, address: str, settings: Settings
) -> None:
    settings.SMS_BACKEND, settings.KAVENEGAR_API_KEY, settings.KAVENEGAR_BASE_URL = ["kavenegar"], key, address

    with pytest.raises(ImproperlyConfigured, match="KAVENEGAR_") as caught:
        backends.get_backends()

    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("name", ["KAVENEGAR_API_KEY", "KAVENEGAR_SENDER", "KAVENEGAR_CODE_TEMPLATE"])
@pytest.mark.parametrize("chosen", [["kavenegar"], ["handset", "kavenegar"]])
def test_kavenegar_needs_its_settings_wherever_it_is_named(name: str, chosen: list[str], settings: Settings) -> None:
    settings.KAVENEGAR_API_KEY, settings.KAVENEGAR_SENDER, settings.KAVENEGAR_CODE_TEMPLATE = "key", "1000", "code"
    settings.SMS_BACKEND = chosen
    assert backends.missing_setting() == ""
    setattr(settings, name, "")
    assert backends.missing_setting().startswith(f"{name}: the ")
    settings.SMS_BACKEND = ["handset", "memory", "console"]
    assert backends.missing_setting() == ""


def test_handset_takes_everything(settings: Settings) -> None:
    settings.SMS_BACKEND = ["handset"]

    [backend] = backends.get_backends()

    assert backend.send(CODE) == Receipt("handset", "")


def test_console_shows_recipient_and_whole_text() -> None:
    stream = io.StringIO()

    assert Console(stream).send(CODE) == Receipt("console", "")
    assert stream.getvalue().startswith("SMS to +989121234567:\nکد فعال‌سازی: 482913\n---")


def test_console_writes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    Console().send(CODE)

    assert CODE.text in capsys.readouterr().out


def test_memory_keeps_what_was_sent() -> None:
    assert memory.Memory().send(CODE) == Receipt("memory", "")
    assert memory.outbox == [CODE]


@pytest.mark.parametrize(
    ("recipient", "kind", "unknown", "sent"),
    [
        (memory.REJECTED, ErrorKind.PERMANENT, False, False),
        (memory.BUSY, ErrorKind.TRANSIENT, False, False),
        (memory.MISCONFIGURED, ErrorKind.CONFIGURATION, False, False),
        (memory.LOST, ErrorKind.TRANSIENT, True, False),
        (memory.SWALLOWED, ErrorKind.TRANSIENT, True, True),
    ],
)
def test_memory_fails_for_the_recipients_that_ask_for_it(
    recipient: str, kind: ErrorKind, unknown: bool, sent: bool
) -> None:
    outgoing = Outgoing(recipient, "متن", 7)
    errors = []
    for _ in range(2):
        with pytest.raises(SmsError) as caught:
            memory.Memory().send(outgoing)
        errors.append(caught.value)

    assert (errors[0].kind, errors[0].unknown) == (kind, unknown)
    assert errors[0] is not errors[1]
    assert memory.outbox == [outgoing, outgoing][: 2 * sent]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (SmsError(ErrorKind.CONFIGURATION, 418, "credit too low"), "configuration 418: credit too low"),
        (SmsError(ErrorKind.TRANSIENT, 500, "server fault", unknown=True), "transient 500: server fault"),
        (SmsError(ErrorKind.TRANSIENT, detail="busy"), "transient: busy"),
        (SmsError(ErrorKind.TRANSIENT, detail="timeout", unknown=True), "unknown: timeout"),
        (UnexpectedError(ValueError("482913")), "unexpected ValueError"),
        (UnexpectedError(ValueError("482913"), unknown=True), "unexpected ValueError"),
    ],
)
def test_what_an_error_says(error: SmsError, told: str) -> None:
    assert str(error) == told
    assert "482913" not in f"{error!r} {error.args} {vars(error)}"


def test_outgoing_shows_neither_number_nor_text_nor_code() -> None:
    for shown in (repr(CODE), str(CODE), f"{[CODE]}"):
        assert "+98912***4567" in shown
        assert not any(hidden in shown for hidden in ("123", "482913", "کد", str(1 << 61)))


@pytest.mark.parametrize("odd", ["", "123456", "09121234567"])
def test_mask_of_what_is_no_number_shows_nothing(odd: str) -> None:
    assert mask(odd) == "***"


def test_states_that_ask_for_no_further_question() -> None:
    assert {state for state in DeliveryState if not state.final} == {"queued", "sent", "unknown"}
