"""A stand-in for Kavenegar's REST service (kavenegar.com/rest.html): what it checks, remembers and answers.

It takes POST and GET, answers every return code with the same HTTP status, and knows a local id again.
"""

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from tests.stand_ins.http import Received, Reply, StandIn

KEY = "4B6F7665-stand-in-key/with+signs=="
TEMPLATE = "code"
COST = 120  # rial a message
MAX_TEXT = 900
MAX_IDS = 500

QUEUED, SENT, FAILED, DELIVERED, UNDELIVERED, CANCELLED, BLOCKED, NOT_FOUND = 1, 5, 6, 10, 11, 13, 14, 100


@dataclass
class Message:
    """A message the service has taken over: what `sms/send` got as `message`, or `verify/lookup` as `token`."""

    receptor: str
    text: str
    channel: str  # "send" | "lookup"
    sender: str
    idempotency_key: str
    id: int
    state: int


class RefusedError(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Kavenegar(StandIn):
    """`messages`: each as it would reach a phone once. `codes`: return codes for the next requests, instead of doing
    anything; 200 lets one pass. `templates`: names that the panel has approved. `rewrite`: changes every document
    before it is sent. `credit`: rial. `blocked`: numbers whose owners refuse messages of lines, as a state at once."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Message] = []
        self.codes: deque[int] = deque()
        self.templates = {TEMPLATE}
        self.rewrite: Callable[[dict[str, object]], object] = lambda document: document
        self.credit = 1_000_000
        self.blocked: set[str] = set()
        self._ids = count(8_792_343)

    def reply(self, request: Received) -> Reply:
        code, entries = 200, None
        try:
            refusal = self.codes.popleft() if self.codes else 200
            if refusal != 200:
                raise RefusedError(refusal)
            entries = self._do(request)
        except RefusedError as refused:
            code = refused.code
        document = {"return": {"status": code, "message": "تایید شد" if code == 200 else "خطا"}, "entries": entries}
        return Reply(code, self.rewrite(document))

    def _do(self, request: Received) -> object:
        address = re.fullmatch("/v1/([^/]+)/([a-z]+/[a-z]+)[.]json", request.path)
        if address is None:
            raise RefusedError(404)
        if address[1] != "4B6F7665-stand-in-key%2Fwith%2Bsigns%3D%3D":
            raise RefusedError(403)
        fields = {**request.query, **request.form}
        match address[2]:
            case "sms/send":
                return self._send(fields)
            case "verify/lookup":
                return self._look_up(fields)
            case "sms/status":
                return [self._status(str(message_id)) for message_id in _ids(fields, "messageid")]
            case "sms/statuslocalmessageid":
                return [self._status_by_local_id(idempotency_key) for idempotency_key in _ids(fields, "localid")]
            case "account/info":
                return {"remaincredit": self.credit, "expiredate": 1_900_000_000, "type": "master"}
        raise RefusedError(404)

    def _send(self, fields: dict[str, str]) -> object:
        _demand(fields, "receptor", "message")
        if len(fields["message"]) > MAX_TEXT:
            raise RefusedError(413)
        idempotency_key = fields.get("localid", "")
        if idempotency_key and not (re.fullmatch("[0-9]+", idempotency_key) and int(idempotency_key) < 1 << 63):
            raise RefusedError(400)
        old = next(
            (message for message in self.messages if idempotency_key and message.idempotency_key == idempotency_key),
            None,
        )
        return [_entry(old or self._take(fields, fields["message"], "send"))]

    def _look_up(self, fields: dict[str, str]) -> object:
        _demand(fields, "receptor", "template", "token")
        if fields["template"] not in self.templates:
            raise RefusedError(424)
        if re.search(r"[\s_]", fields["token"]) or len(fields["token"]) > 100:
            raise RefusedError(431)
        return [_entry(self._take(fields, fields["token"], "lookup"))]

    def _take(self, fields: dict[str, str], text: str, channel: str) -> Message:
        if not re.fullmatch("09[0-9]{9}", fields["receptor"]):
            raise RefusedError(411)
        if self.credit < COST:
            raise RefusedError(418)
        self.credit -= COST
        state = SENT if channel == "lookup" else BLOCKED if fields["receptor"] in self.blocked else QUEUED
        sender, idempotency_key = fields.get("sender", ""), fields.get("localid", "")
        message = Message(fields["receptor"], text, channel, sender, idempotency_key, next(self._ids), state)
        self.messages.append(message)
        return message

    def _status(self, message_id: str) -> object:
        state = next((message.state for message in self.messages if str(message.id) == message_id), NOT_FOUND)
        return {"messageid": int(message_id), "status": state, "statustext": "…"}

    def _status_by_local_id(self, idempotency_key: str) -> object:
        message = next((message for message in self.messages if message.idempotency_key == idempotency_key), None)
        message_id, state = (message.id, message.state) if message else (0, NOT_FOUND)
        return {"messageid": message_id, "localid": idempotency_key, "status": state, "statustext": "…"}


def _demand(fields: dict[str, str], *names: str) -> None:
    for name in names:
        if name not in fields:
            raise RefusedError(400)
        if not fields[name]:
            raise RefusedError(413 if name == "message" else 406)


def _ids(fields: dict[str, str], name: str) -> list[str]:
    _demand(fields, name)
    ids = fields[name].split(",")
    if len(ids) > MAX_IDS:
        raise RefusedError(414)
    if not all(re.fullmatch("[0-9]+", each) for each in ids):
        raise RefusedError(400)
    return ids


def _entry(message: Message) -> dict[str, object]:
    return {
        "messageid": message.id,
        "message": message.text,
        "status": message.state,
        "statustext": "…",
        "sender": message.sender,
        "receptor": message.receptor,
        "date": 1_763_000_000,
        "cost": COST,
    }
