"""A stand-in for Jibit's inquiry service: tokens, ownership of a mobile, identity by national code and birth date."""

import json
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Any

from tests.stand_ins.http import Received, Reply, StandIn

API_KEY, SECRET_KEY = "api-key-of-the-stand-in", "secret-key-of-the-stand-in"


class Jibit(StandIn):
    """`owners`: mobile (09…) → national code. `people`: (national code, 13700101) → identityInfo. `refusals`: status
    and code for the next questions. `rewrite`: changes every document of a question. `expire()`: no token is good now.
    `refuse_tokens`: not even new ones. `token_status`: of the address for tokens, unless 200."""

    def __init__(self) -> None:
        super().__init__()
        self.owners: dict[str, str] = {}
        self.people: dict[tuple[str, str], dict[str, Any]] = {}
        self.refusals: deque[tuple[int, object]] = deque()
        self.rewrite: Callable[[dict[str, Any]], object] = lambda document: document
        self.refuse_tokens = False
        self.token_status = 200
        self.tokens: set[str] = set()
        self._numbers = count(1)

    @property
    def fetched(self) -> int:
        """How many tokens were asked for."""
        return sum(request.path.endswith("/tokens/generate") for request in self.received)

    @property
    def asked(self) -> list[str]:
        """Questions about people, as `matching` and `identity`, the failed ones too."""
        return [request.path.rpartition("/")[2] for request in self.received if "/services/" in request.path]

    def expire(self) -> None:
        self.tokens.clear()

    def reply(self, request: Received) -> Reply:
        if (request.method, request.path) == ("POST", "/ide/v1/tokens/generate"):
            return self._generate(request)
        if request.method != "GET" or request.path not in ("/ide/v1/services/matching", "/ide/v1/services/identity"):
            return _refusal(404, "handler.not_found")
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self.tokens or self.refuse_tokens:
            return _refusal(401, None)
        if self.refusals:
            return _refusal(*self.refusals.popleft())
        answer = self._match(request) if request.path.endswith("matching") else self._identify(request)
        return answer if answer.status != 200 else Reply(200, self.rewrite(dict(answer.document)))  # type: ignore[call-overload]

    def _generate(self, request: Received) -> Reply:
        if self.token_status != 200:
            return _refusal(self.token_status, "server.error")
        if json.loads(request.body) != {"apiKey": API_KEY, "secretKey": SECRET_KEY}:
            return _refusal(401, "forbidden")
        token = f"access-token-{next(self._numbers)}"
        self.tokens.add(token)
        return Reply(200, {"accessToken": token, "refreshToken": f"refresh-{token}"})

    def _match(self, request: Received) -> Reply:
        owner = self.owners.get(request.query["mobileNumber"])
        return Reply(200, {"matched": owner == request.query["nationalCode"]})

    def _identify(self, request: Received) -> Reply:
        code, born = request.query["nationalCode"], request.query["birthDate"]
        person = self.people.get((code, born))
        if person is None:
            return _refusal(404, "identity_info.not_found")
        return Reply(200, {"nationalCode": code, "birthDate": born, "identityInfo": person})


def _refusal(status: int, code: object) -> Reply:
    return Reply(status, {"code": code, "message": "اطلاعات هویتی یافت نشد. 0019991010"})
