"""The smallest client that can do all that a provider may do: send, be asked, report, tell its credit, explain."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings

from infra import http
from sms.backends.base import Advice, DeliveryState, ErrorKind, Outgoing, Receipt, SmsBackend, SmsError

SECONDS = 4.0  # the shorter one of sms.outbox.delivery.SEND_SECONDS
REFUSALS = {
    401: (ErrorKind.CONFIGURATION, "key not known"),
    402: (ErrorKind.CONFIGURATION, "no credit"),
    429: (ErrorKind.TRANSIENT, "asked too often"),
}
ADVICE: Advice = ("The second provider wants money", "Bring it")
NO_CREDIT = 402


class Second(SmsBackend):
    name = "second"
    callback_urls = "tests.sms.second_provider.urls"
    needed_settings: Mapping[str, str] = {"SECOND_PROVIDER_KEY": "the account's key, for the second provider."}
    longest_text = 300
    remembers_keys = timedelta(hours=3)
    remembers_states = timedelta(hours=6)
    report_windows = (timedelta(minutes=10), timedelta(hours=2))
    most_ids = 3

    def __init__(self) -> None:
        self.address = http.base_url(_setting("SECOND_PROVIDER_URL"))

    def send(self, outgoing: Outgoing) -> Receipt:
        message = {"to": outgoing.recipient, "text": outgoing.text, "key": outgoing.idempotency_key}
        return Receipt(self.name, self._ask("POST", "/messages", json=message)["id"])

    def status(self, provider_ids: list[str]) -> dict[str, DeliveryState]:
        return self._states(ids=",".join(provider_ids))

    def status_by_idempotency_key(self, idempotency_key: int) -> tuple[str, DeliveryState] | None:
        return next(iter(self._states(key=str(idempotency_key)).items()), None)

    def credit(self) -> int:
        return int(self._ask("GET", "/account")["rial"])

    def is_low(self, credit: int) -> bool:
        return credit < 100

    def explain(self, error: SmsError) -> Advice:
        return ADVICE if error.code == NO_CREDIT else super().explain(error)

    def _states(self, **asked: str) -> dict[str, DeliveryState]:
        return {known: DeliveryState(state) for known, state in self._ask("GET", "/messages", params=asked).items()}

    def _ask(self, method: str, path: str, **what: Any) -> Any:
        """The answer's document. Raises SmsError, outside of `except`: an error keeps no other one as its context."""
        headers = {"Authorization": f"Bearer {_setting('SECOND_PROVIDER_KEY')}"}
        acts = method == "POST"  # after which an error may mean that the message is on its way
        failure = SmsError(ErrorKind.TRANSIENT, detail="odd answer", unknown=acts)
        try:
            answer = http.request(method, f"{self.address}{path}", seconds=SECONDS, headers=headers, **what)
            document = answer.json()
        except http.HttpError as error:
            failure = SmsError(ErrorKind.TRANSIENT, detail=error.reason, unknown=acts and error.sent)
        except ValueError:
            pass
        else:
            if answer.status in REFUSALS:
                kind, detail = REFUSALS[answer.status]
                failure = SmsError(kind, answer.status, detail)
            elif answer.status == 200:
                return document
        raise failure


def _setting(name: str) -> str:
    """Of a real provider it stands in tamin_portal/settings.py."""
    return str(getattr(settings, name))


class Namesake(Second):
    """Takes the name of another."""

    name = "kavenegar"


class LongWinded(Second):
    name = "a-name-of-17-char"
