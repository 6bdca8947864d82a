"""A stand-in for the government's gateway: token by password, Shahkar's matching, the registry's getEstelam3."""

import base64
import json
from collections.abc import Callable
from itertools import count
from typing import Any

from tests.stand_ins.http import Received, Reply, StandIn

USERNAME, PASSWORD, CLIENT, BASIC, PID, PREFIX = (
    "organization",
    "p@ss&word",
    "Y2xpZW50OnNlY3JldA==",
    "dTpw",
    "pid-1",
    "1279",
)
OWNERSHIP_PATH = "/api/client/apim/v1/shahkar/gwsh/serviceIDmatching"
IDENTITY_PATH = "/api/client/apim/v1/registry/getEstelam3"


class Gsb(StandIn):
    """`owners`: mobile (09…) → national code. `people`: (national code, 13700101) → fields of the answer, names in
    plain text. `response`: Shahkar's, in place of the right one. `rewrite`: changes every document of a question.
    `expire()`, `refuse_tokens`, `lives`: of tokens; seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.owners: dict[str, str] = {}
        self.people: dict[tuple[str, str], dict[str, Any]] = {}
        self.response: object = None
        self.rewrite: Callable[[dict[str, Any]], object] = lambda document: document
        self.refuse_tokens = False
        self.lives: object = 3600
        self.tokens: set[str] = set()
        self.request_ids: list[str] = []
        self._numbers = count(1)

    @property
    def fetched(self) -> int:
        return sum(request.path == "/oauth/token" for request in self.received)

    def expire(self) -> None:
        self.tokens.clear()

    def reply(self, request: Received) -> Reply:
        if request.method != "POST":
            return Reply(405, {})
        if request.path == "/oauth/token":
            return self._token(request)
        authorization = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if authorization not in self.tokens or self.refuse_tokens:
            return Reply(403, b"<html>Forbidden</html>")
        if request.headers.get("basicAuthorization") != f"Basic {BASIC}" or request.headers.get("pid") != PID:
            return Reply(400, {"message": "pid"})
        question = json.loads(request.body)
        if request.path == OWNERSHIP_PATH:
            return Reply(200, self.rewrite(self._match(question)))
        if request.path == IDENTITY_PATH:
            return Reply(200, self.rewrite(self._identify(question)))
        return Reply(404, {})

    def _token(self, request: Received) -> Reply:
        expected = {"grant_type": "password", "username": USERNAME, "password": PASSWORD}
        if request.headers.get("Authorization") != f"Basic {CLIENT}" or request.form != expected:
            return Reply(400, {"error": "invalid_grant"})
        token = f"gsb-token-{next(self._numbers)}"
        self.tokens.add(token)
        return Reply(
            200, {"access_token": token, "refresh_token": "r", "token_type": "bearer", "expires_in": self.lives}
        )

    def _match(self, question: dict[str, Any]) -> dict[str, Any]:
        right = (question["serviceType"], question["identificationType"]) == (2, 0)
        right = right and question["requestId"] not in self.request_ids
        self.request_ids.append(question["requestId"])
        owned = self.owners.get(question["serviceNumber"]) == question["identificationNo"]
        response = (200 if owned else 600) if right else 311
        answer = {"response": self.response or response, "comment": "…", "requestId": question["requestId"]}
        return {"result": {"data": answer, "status": {"statusCode": 200, "message": "موفق"}}}

    def _identify(self, question: dict[str, Any]) -> dict[str, Any]:
        person = self.people.get((question["nin"], question["birthDate"]))
        if person is None:
            return wrapped({"message": "اطلاعاتی با این مشخصات يافت نشد", "nin": "0", "name": "", "family": ""})
        coded = {name: encoded(person[name]) for name in ("name", "family", "fatherName", "shenasnameSeri")}
        # Numbers lose their zeros in the registry's own types.
        return wrapped({**person, **coded, "nin": str(int(question["nin"])), "deathStatus": [person["deathStatus"]]})


def wrapped(answer: object) -> dict[str, Any]:
    return {"result": {"data": {"getEstelam3Response": {"return": answer}}, "status": {"statusCode": 200}}}


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
