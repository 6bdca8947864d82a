"""Kavenegar, over its SDK with a transport of our own (kavenegar.com/rest.html).

The SDK's transport waits for ever, cannot be pointed elsewhere, fails on answers that differ a little, and shows the
API key, which is part of the URL, in its errors. Here errors are SmsError, made without any trace of the request.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from kavenegar import KavenegarAPI

from infra import http
from iran.numbers import local_mobile, normalise_mobile
from sms.backends.base import (
    Advice,
    DeliveryState,
    ErrorKind,
    KeyTakenError,
    Outgoing,
    Receipt,
    SmsBackend,
    SmsError,
)
from sms.backends.kavenegar import advice, codes

logger = logging.getLogger(__name__)

CODE_SECONDS = 4.0  # somebody is waiting in front of the form
OTHER_SECONDS = 10.0
TRACE_SECONDS = 5.0  # asked before a message is sent again, within the same lease
MOST_IDS = 500  # in one question for states, and in one report

# Purpose of a code → setting with the name of its text in the panel; where it is empty, KAVENEGAR_CODE_TEMPLATE's.
TEMPLATE_SETTINGS = {
    "recovery": "KAVENEGAR_CODE_TEMPLATE_RECOVERY",
    "device": "KAVENEGAR_CODE_TEMPLATE_DEVICE",
    "mobile_change": "KAVENEGAR_CODE_TEMPLATE_MOBILE",
    "reauthentication": "KAVENEGAR_CODE_TEMPLATE_CHANGE",
    "request": "KAVENEGAR_CODE_TEMPLATE_REQUEST",
    "desk": "KAVENEGAR_CODE_TEMPLATE_DESK",
    "caller": "KAVENEGAR_CODE_TEMPLATE_CALLER",
}
_FIELDS = ("messageid", "localid", "receptor", "status", "remaincredit")
_CHANGES_NOTHING = {("sms", "status"), ("sms", "statuslocalmessageid"), ("account", "info")}


class Kavenegar(KavenegarAPI, SmsBackend):  # type: ignore[misc]  # the SDK has no types
    """One account. Settings: KAVENEGAR_API_KEY, KAVENEGAR_BASE_URL, KAVENEGAR_SENDER ("": the account's default line),
    KAVENEGAR_CODE_TEMPLATE and those of TEMPLATE_SETTINGS, KAVENEGAR_RESULT_TEMPLATE ("": no second way for results),
    KAVENEGAR_MIN_CREDIT (rial). Raises ImproperlyConfigured.
    Requests raise SmsError."""

    name = "kavenegar"
    callback_urls = "sms.backends.kavenegar.urls"
    needed_settings: Mapping[str, str] = {
        "KAVENEGAR_API_KEY": "the account's key (or KAVENEGAR_API_KEY_FILE), for SMS_BACKEND=kavenegar.",
        "KAVENEGAR_SENDER": "the line that results are sent from, for SMS_BACKEND=kavenegar.",
        "KAVENEGAR_CODE_TEMPLATE": "the name of the approved template of codes, for SMS_BACKEND=kavenegar.",
    }
    reads_out = True
    own_text_of_codes = True
    longest_text = 900
    remembers_keys = timedelta(hours=11)  # it forgets local ids after twelve
    remembers_states = timedelta(hours=48)
    # An operator delivers within minutes, or when the phone is on again. No report is to be had before the first.
    report_windows: Sequence[timedelta] = [timedelta(minutes=5), *(timedelta(hours=after) for after in (1, 24, 47))]
    most_ids = MOST_IDS

    def __init__(self) -> None:
        if not settings.KAVENEGAR_API_KEY:
            raise ImproperlyConfigured("KAVENEGAR_API_KEY is empty.")
        try:
            self.address = http.base_url(settings.KAVENEGAR_BASE_URL)
        except ValueError as error:
            raise ImproperlyConfigured(f"KAVENEGAR_BASE_URL: {error}.") from None
        super().__init__(_Key(settings.KAVENEGAR_API_KEY))

    def __repr__(self) -> str:
        return "<Kavenegar>"

    __str__ = __repr__

    def send(self, outgoing: Outgoing) -> Receipt:
        """Codes by verify/lookup, which reaches phones first, whatever they block, and can read codes out, but takes
        every request for a new message; all else by sms/send, where a local id that the provider has already seen is
        answered with the old record."""
        receptor = _local(outgoing.recipient)
        if outgoing.code is not None:
            call = {"type": "call"} if outgoing.voice else {}
            entries = self.verify_lookup(
                _Form(receptor=receptor, template=_template(outgoing.purpose), token=outgoing.code, **call)
            )
        elif outgoing.result_of:
            entries = self.verify_lookup(
                _Form(receptor=receptor, template=settings.KAVENEGAR_RESULT_TEMPLATE, token=outgoing.result_of)
            )
        else:
            sender = {"sender": settings.KAVENEGAR_SENDER} if settings.KAVENEGAR_SENDER else {}
            entries = self.sms_send(
                _Form(receptor=receptor, message=outgoing.text, localid=str(outgoing.idempotency_key), **sender)
            )
        return self._receipt(entries, receptor)

    def tells_results(self) -> bool:
        """By verify/lookup, which no list of numbers that refuse messages swallows."""
        return bool(settings.KAVENEGAR_RESULT_TEMPLATE)

    def status(self, provider_ids: list[str]) -> dict[str, DeliveryState]:
        """States of messages by the ids in their receipts. The provider remembers 48 hours; what it says nothing about
        is left out."""
        states: dict[str, DeliveryState] = {}
        for start in range(0, len(provider_ids), MOST_IDS):
            asked = set(provider_ids[start : start + MOST_IDS])
            for entry in _entries(self.sms_status(_Form(messageid=",".join(sorted(asked))))):
                told = reported(entry.get("messageid"), entry.get("status"))
                states |= {provider_id: state for provider_id, state in told.items() if provider_id in asked}
        return states

    def status_by_idempotency_key(self, idempotency_key: int) -> tuple[str, DeliveryState] | None:
        """Id and state of the message that was sent with this local id, or None if none was. The provider remembers 12
        hours: after that, None says nothing. Codes have no local id."""
        for entry in _entries(self.sms_statuslocalmessageid(_Form(localid=str(idempotency_key)))):
            state = _number(entry.get("status"))
            if _number(entry.get("localid")) != idempotency_key or state is None:
                continue
            if state == codes.NOT_FOUND:
                return None
            provider_id = _number(entry.get("messageid"))
            if provider_id is not None:
                return str(provider_id), codes.delivery_state(state)
        raise _no_answer("odd answer", unknown=False)

    def credit(self) -> int:
        """What is left on the account, in rial."""
        entries = self.account_info()
        credit = _number(entries.get("remaincredit")) if isinstance(entries, dict) else None
        if credit is None:
            raise _no_answer("odd answer", unknown=False)
        return credit

    def is_low(self, credit: int) -> bool:
        return credit < int(settings.KAVENEGAR_MIN_CREDIT)

    def explain(self, error: SmsError) -> Advice:
        known = None if error.unknown or error.code is None else advice.BY_CODE.get(error.code)
        return known or super().explain(error)

    def _request(self, action: str, method: str, params: Mapping[str, str] | None = None) -> Any:
        """The SDK's transport, replaced: POST, and return the answer's `entries`."""
        acts = (action, method) not in _CHANGES_NOTHING
        failure: http.HttpError | None = None
        try:
            answer = http.request(
                "POST",
                f"{self.address}/{self.version}/{quote(self.apikey, safe='')}/{action}/{method}.json",
                seconds=_seconds(method),
                form=params or {},
            )
        except http.HttpError as error:
            failure = error
        # Errors are raised outside of except blocks, so that they have no context.
        if failure is not None:
            raise _no_answer(failure.reason, unknown=failure.sent and acts)
        code, entries = _envelope(answer)
        if code == codes.OK and 200 <= answer.status < 300:
            return entries
        if code is None and answer.status == 429:
            code = answer.status  # a gateway in front of the provider refuses; nothing behind it has seen the request
        if code is None or code == codes.OK:
            raise _no_answer(f"odd answer, HTTP {answer.status}", unknown=acts)
        raise _refusal(code, answer.headers.get("Retry-After", ""), acts=acts)

    def _receipt(self, entries: object, receptor: str) -> Receipt:
        entry = next(iter(_entries(entries, unknown=True)), {})
        provider_id = _number(entry.get("messageid"))
        answered_for = _mobile(entry.get("receptor"))
        if not provider_id or answered_for is None:
            raise _no_answer("odd answer", unknown=True)
        if local_mobile(answered_for) != receptor:
            # The account has used this local id before, for somebody else: two installations with one key? This message
            # was not sent, and asking for the state of its local id would claim that it was.
            logger.critical("Kavenegar answered with a record of another recipient: is its key in use elsewhere?")
            raise KeyTakenError
        told = _number(entry.get("status"))
        return Receipt(self.name, str(provider_id), None if told is None else codes.delivery_state(told))


def _template(purpose: str) -> str:
    own: str = getattr(settings, TEMPLATE_SETTINGS[purpose]) if purpose in TEMPLATE_SETTINGS else ""
    return own or str(settings.KAVENEGAR_CODE_TEMPLATE)


def _seconds(method: str) -> float:
    return {"lookup": CODE_SECONDS, "statuslocalmessageid": TRACE_SECONDS}.get(method, OTHER_SECONDS)


def reported(message_id: object, status: object) -> dict[str, DeliveryState]:
    """What an entry, or a report that the provider sends of itself, says; nothing if it makes no sense."""
    provider_id, state = _number(message_id), _number(status)
    return {} if provider_id is None or state is None else {str(provider_id): codes.delivery_state(state)}


class _Key(str):
    """A string that does not show in reports of local variables and attributes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


class _Form(dict[str, str]):
    """Fields of a request, likewise."""

    def __repr__(self) -> str:
        return f"<{', '.join(self)}>"


def _local(recipient: str) -> str:
    """The form of the provider's own examples: +989… → 09…"""
    if _mobile(recipient) != recipient:
        raise SmsError(ErrorKind.PERMANENT, detail="not an Iranian mobile number")
    return local_mobile(recipient)


def _mobile(number: object) -> str | None:
    """A mobile in any spelling as E.164, None for anything else."""
    try:
        return normalise_mobile(str(number))
    except ValidationError:
        return None


def _envelope(answer: http.HttpAnswer) -> tuple[int | None, Any]:
    """Return code, or None if none is found, and entries without the texts that the provider repeats in them."""
    try:
        document = answer.json()
        code = _number(document["return"]["status"])
        entries = document.get("entries")
    except (ValueError, KeyError, TypeError, AttributeError):
        return None, None
    if isinstance(entries, list):
        return code, [_known(entry) for entry in entries]
    return code, _known(entries)


def _known(entry: object) -> dict[str, Any] | None:
    return {name: entry.get(name) for name in _FIELDS} if isinstance(entry, dict) else None


def _no_answer(detail: str, *, unknown: bool) -> SmsError:
    return SmsError(ErrorKind.TRANSIENT, detail=detail, unknown=unknown)


def _refusal(code: int, retry_after: str, *, acts: bool) -> SmsError:
    kind, detail = codes.describe(code)
    seconds = 0
    if kind is ErrorKind.CONFIGURATION:
        seconds = codes.CONFIGURATION_SECONDS
    elif code in codes.LIMITED:
        asked = int(retry_after) if re.fullmatch("[0-9]{1,4}", retry_after) else 0
        seconds = max(asked, codes.LIMITED_SECONDS)
    # The server broke while it worked on the request, and may have been done with it.
    unknown = acts and kind is ErrorKind.TRANSIENT and 500 <= code < 600
    return SmsError(kind, code, detail, unknown=unknown, retry_after=seconds or None)


def _entries(entries: object, *, unknown: bool = False) -> Iterator[dict[str, Any]]:
    """Entries as dictionaries; a bare one counts as a list of one."""
    listed = [entries] if isinstance(entries, dict) else entries
    if not isinstance(listed, list):
        raise _no_answer("odd answer", unknown=unknown)
    return (entry for entry in listed if isinstance(entry, dict))


def _number(value: object) -> int | None:
    """A number that may have come as text: 200, "200". None for anything else."""
    return int(str(value)) if re.fullmatch("[0-9]{1,19}", str(value)) else None
