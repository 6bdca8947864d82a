"""A stand-in for the second provider of text messages (tests.sms.second_provider), which nobody but the tests has.

Its protocol is JSON, with a bearer token. A refusal is a status of HTTP, and nothing was done.

POST /messages {to, text, key}  → {id}       a key that it has seen is answered with the old record
GET  /messages?ids=…  or  ?key=…  → {id: state}  of those that it knows
GET  /account  → {rial}
"""

import json
from collections import deque
from dataclasses import dataclass

from tests.stand_ins.http import Received, Reply, StandIn

KEY = "second-provider-key"
WRONG_KEY, NO_CREDIT, TOO_OFTEN = 401, 402, 429


@dataclass
class Message:
    """A message that the service has taken over, as it would reach a phone once."""

    id: str
    to: str
    text: str
    key: int
    state: str = "queued"  # "queued" | "delivered"


class SecondProvider(StandIn):
    """`messages`: what it has taken over. `refusals`: statuses for the next requests, instead of doing anything; 200
    lets one pass. `credit`: rial."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Message] = []
        self.refusals: deque[int] = deque()
        self.credit = 1_000

    def reply(self, request: Received) -> Reply:
        refusal = self.refusals.popleft() if self.refusals else 200
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            refusal = WRONG_KEY
        if refusal != 200:
            return Reply(refusal, {})
        match request.method, request.path:
            case "POST", "/messages":
                return Reply(200, {"id": self._take(json.loads(request.body)).id})
            case "GET", "/messages":
                wanted = request.query
                known = [m for m in self.messages if m.id in wanted.get("ids", "").split(",")]
                known += [m for m in self.messages if str(m.key) == wanted.get("key")]
                return Reply(200, {message.id: message.state for message in known})
            case "GET", "/account":
                return Reply(200, {"rial": self.credit})
        return Reply(404, {})

    def _take(self, asked: dict[str, str | int]) -> Message:
        old = next((message for message in self.messages if message.key == asked["key"]), None)
        if old is None:
            number = f"s-{len(self.messages) + 1}"
            old = Message(number, str(asked["to"]), str(asked["text"]), int(asked["key"]))
            self.messages.append(old)
        return old
