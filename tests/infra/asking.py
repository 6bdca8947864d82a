"""Asking a stand-in that answers with what it got."""

from typing import Any

import pytest

from infra import http
from tests.stand_ins.http import Received, Reply, StandIn

SECRET = "s3cr3t-in-the-path"


class Echo(StandIn):
    """Answers with what it got."""

    def reply(self, request: Received) -> Reply:
        return Reply(201, {"method": request.method, "query": request.query, "body": request.body.decode()})


def ask(stand_in: StandIn, seconds: float = 5, **more: Any) -> http.HttpAnswer:
    return http.request("POST", f"{stand_in.base_url}/{SECRET}", seconds=seconds, **more)


def failure(stand_in: StandIn, seconds: float = 5) -> http.HttpError:
    with pytest.raises(http.HttpError) as caught:
        ask(stand_in, seconds)
    return caught.value
