"""A Redis that does not answer: one wait for a whole page, not one for every question to it."""

import pytest
import redis

from infra import redis as infra_redis


def test_after_one_failure_nobody_waits_until_the_break_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def refuse(client: redis.Redis, *args: str, **options: object) -> None:
        asked.append(args[0])
        raise redis.TimeoutError("frozen")

    now = [100.0]
    monkeypatch.setattr("infra.redis.time.monotonic", lambda: now[0])
    monkeypatch.setattr(redis.Redis, "execute_command", refuse)
    client = infra_redis.connect("redis://127.0.0.1:1/0")
    with pytest.raises(redis.TimeoutError):
        client.get("a")
    for _ in range(3):
        with pytest.raises(redis.ConnectionError):
            client.get("b")
    assert asked == ["GET"]
    now[0] += infra_redis.BREAK_SECONDS + 0.1
    with pytest.raises(redis.TimeoutError):
        client.get("c")
    assert asked == ["GET", "GET"]
