"""PostgreSQL and Redis have a minute for what production gives them seconds: on a busy machine they answer late."""

import re

import pytest
from django.conf import settings

from infra import redis as infra_redis

_QUICK = {name: getattr(infra_redis, name) for name in ("CONNECT_SECONDS", "ANSWER_SECONDS")}
_QUICK_BROKER = dict(settings.CELERY_BROKER_TRANSPORT_OPTIONS)


def be_patient() -> None:
    """Before anything connects."""
    options = settings.DATABASES["default"]["OPTIONS"]
    options["options"] = re.sub("timeout=[0-9]+", "timeout=60000", options["options"])
    for name in _QUICK:
        setattr(infra_redis, name, 60.0)
    for name in ("socket_connect_timeout", "socket_timeout"):
        settings.CELERY_BROKER_TRANSPORT_OPTIONS[name] = 60


def be_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """As production, for a Redis that a test stops on purpose; for connections that are made from now on."""
    for name, seconds in _QUICK.items():
        monkeypatch.setattr(infra_redis, name, seconds)
    for name, value in _QUICK_BROKER.items():
        monkeypatch.setitem(settings.CELERY_BROKER_TRANSPORT_OPTIONS, name, value)
