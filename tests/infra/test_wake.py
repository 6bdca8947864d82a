import json
import subprocess
import tempfile
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from kombu import Connection
from redis import Redis

from devtools import embedded
from devtools.servers import until
from infra import security_log
from infra.wake import BREAK_SECONDS, EXPIRES_SECONDS, wake
from tamin_portal import env
from tamin_portal.celery import app


class Broker:
    """Stands in for publishing: fails with each error of the list, then succeeds; counts how often it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *errors: Exception) -> None:
        self.errors, self.asked, self.now = list(errors), 0, 1000.0
        monkeypatch.setattr("infra.wake.client", lambda: SimpleNamespace(lpush=self.publish))
        monkeypatch.setattr("infra.wake.time.monotonic", lambda: self.now)

    def publish(self, queue: str, message: str) -> None:
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)


def test_wake_publishes_ids_only_to_the_queue(clean_redis: Redis) -> None:
    assert wake("sms.deliver", 4711)

    assert clean_redis.llen("texts") == 1
    message = json.loads(clean_redis.lindex("texts", 0) or "")
    assert message["headers"]["task"] == "sms.deliver"
    assert message["headers"]["argsrepr"] == "(4711,)"
    assert message["headers"]["kwargsrepr"] == "{}"
    assert message["headers"]["expires"] is not None


def test_the_message_carries_the_request_whose_answer_woke_the_worker(clean_redis: Redis) -> None:
    with security_log.visit("198.18.0.1", "portal") as request_id:
        wake("sms.deliver", 4711)
    assert json.loads(clean_redis.lindex("texts", 0) or "")["headers"]["request_id"] == request_id


# Of Celery's message: who sent it, where a result would go, no limits of time, whether a result is wanted (settings say
# that), and what only another broker reads: to keep it on a disk, and when to drop it.
SAY_NOTHING = {"origin", "reply_to", "timelimit", "ignore_result", "delivery_mode", "expiration"}


def unlike(message: dict[str, Any]) -> dict[str, Any]:
    """What two messages about the same have in common: without names of their own and the moment they expire."""
    headers, properties = message["headers"], message["properties"]
    assert headers["id"] == headers["root_id"] == properties["correlation_id"]
    assert datetime.fromisoformat(headers.pop("expires")) > datetime.now(UTC) + timedelta(seconds=EXPIRES_SECONDS - 60)
    for part, names in ((headers, ("id", "root_id")), (properties, ("correlation_id", "delivery_tag"))):
        for name in names:
            assert part.pop(name)
    return message


def test_the_message_is_celerys_own(clean_redis: Redis) -> None:
    app.send_task("sms.deliver", args=(4711,), expires=EXPIRES_SECONDS)
    wake("sms.deliver", 4711)
    ours, theirs = (unlike(json.loads(message)) for message in clean_redis.lrange("texts", 0, -1))

    body, theirs_body = (json.loads(b64decode(message.pop("body"))) for message in (ours, theirs))
    assert body == theirs_body
    for part in ("headers", "properties"):
        left_out = theirs[part].keys() - ours[part].keys()
        said = {name: theirs[part].pop(name) for name in left_out}
        assert not any(said[name] for name in left_out - SAY_NOTHING), said
    assert ours == theirs


@pytest.mark.parametrize(
    "error",
    [ConnectionRefusedError("redis at 10.0.0.1"), TimeoutError(), RuntimeError("OOM command not allowed"), KeyError()],
)
def test_no_error_of_the_broker_reaches_the_caller(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    Broker(monkeypatch, error)

    assert wake("sms.deliver", 1) is False
    assert caplog.messages == [f"the broker does not take messages ({type(error).__name__})"]


def test_after_a_failure_nobody_waits_for_the_broker_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = Broker(monkeypatch, TimeoutError(), TimeoutError())

    assert not wake("sms.deliver", 1)
    broker.now += BREAK_SECONDS - 0.1
    assert not wake("sms.deliver", 2)
    assert broker.asked == 1
    broker.now += 0.2
    assert not wake("sms.deliver", 3)
    assert broker.asked == 2
    broker.now += BREAK_SECONDS + 0.1
    assert wake("sms.deliver", 4)
    assert broker.asked == 3
    assert wake("sms.deliver", 5)


@pytest.mark.parametrize("url", ["redis://:secret@127.0.0.1:6379/3", "rediss://host:6380/0?ssl_cert_reqs=required"])
def test_broker_on_the_network_is_spelled_as_given(url: str) -> None:
    assert env.broker(url) == url


PASSWORD = "p:/@ä"


@pytest.fixture(scope="module")
def socket() -> Iterator[Path]:
    """A Redis that listens on a Unix socket alone."""
    with tempfile.TemporaryDirectory(prefix="portal-") as directory:  # tmp_path may be too long for a socket
        path = Path(directory, "redis.sock")
        command = [str(embedded._redis_binary()), "--port", "0", "--unixsocket", str(path), "--requirepass", PASSWORD]
        server = subprocess.Popen([*command, "--save", ""], cwd=directory, stdout=subprocess.DEVNULL)
        try:
            assert until(path.exists, 60)
            yield path
        finally:
            server.kill()
            server.wait()


@pytest.mark.parametrize(
    ("url", "database"),
    [
        ("unix://:p%3A%2F%40%C3%A4@{}", 0),
        ("unix://:p%3A%2F%40%C3%A4@{}?db=2", 2),
        ("unix://{}?db=3&password=p%3A%2F%40%C3%A4", 3),
    ],
)
def test_broker_on_a_unix_socket_is_the_same_database_as_the_caches(url: str, database: int, socket: Path) -> None:
    url = url.format(socket)

    with Connection(env.broker(url)) as broker, broker.SimpleQueue("greetings") as queue:
        queue.put("salaam")

    with Redis.from_url(url) as client:
        assert client.connection_pool.connection_kwargs.get("db", 0) == database
        assert client.llen("greetings") == 1
