"""Celery: it wakes, the sweep guarantees. Three queues, each with its worker: no code waits for an identity check."""

import os

from celery import Celery, Task
from celery.signals import task_failure, task_postrun, task_prerun
from django.db import InterfaceError, OperationalError
from kombu import Queue

from infra import security_log
from tamin_portal.own_sweep import OwnSweepStep
from tamin_portal.pulse import PulseStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tamin_portal.settings")

# Every task has its queue here, so that it can be woken by its name alone (infra.wake).
TASKS = {
    "codes": ("sms.deliver_code", "sms.drain_codes"),
    "texts": ("sms.deliver", "sms.drain_texts", "sms.sweep", "sms.poll_delivery", "sms.check_accounts"),
    "work": (
        *("registration.check_identity", "registration.drain", "registration.sweep"),
        "registration.follow_up",
        "registration.count",
        *("registration.purge", "accounts.purge", "sms.purge"),
        *("sso.tell", "sso.sweep", "sso.purge", "sso.write_use"),
    ),
}
QUEUES = tuple(TASKS)

app = Celery("tamin_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_queues = [Queue(name) for name in QUEUES]
app.conf.task_routes = {task: {"queue": queue} for queue, tasks in TASKS.items() for task in tasks}
app.conf.beat_schedule = {
    # A wake-up that is not taken within its interval is dropped: the next one says the same.
    "sms-sweep": {"task": "sms.sweep", "schedule": 10, "options": {"expires": 10}},
    "sms-poll-delivery": {"task": "sms.poll_delivery", "schedule": 120, "options": {"expires": 120}},
    "sms-check-accounts": {"task": "sms.check_accounts", "schedule": 600, "options": {"expires": 600}},
    "registration-sweep": {"task": "registration.sweep", "schedule": 10, "options": {"expires": 10}},
    "registration-follow-up": {"task": "registration.follow_up", "schedule": 60, "options": {"expires": 60}},
    "registration-count": {"task": "registration.count", "schedule": 900, "options": {"expires": 900}},
    "sso-sweep": {"task": "sso.sweep", "schedule": 30, "options": {"expires": 30}},
    "sso-write-use": {"task": "sso.write_use", "schedule": 60, "options": {"expires": 60}},
    **{
        f"{label}-purge": {"task": f"{label}.purge", "schedule": 3600, "options": {"expires": 3600}}
        for label in ("registration", "accounts", "sms", "sso")
    },
    **{
        f"heartbeat-{queue}": {
            "task": "sms.heartbeat",
            "schedule": 15,
            "args": [queue],
            "options": {"queue": queue, "expires": 15},
        }
        for queue in QUEUES
    },
}
app.autodiscover_tasks()
app.steps["worker"].update({OwnSweepStep, PulseStep})


@task_prerun.connect
def carry_request_id(task: "Task[..., object]", **_: object) -> None:
    """The lines of a task carry the id of the request whose wake-up brought it (infra.wake)."""
    told = getattr(task.request, "request_id", None)  # a worker's; of a call in place the headers stay together
    security_log.carry(told or (task.request.headers or {}).get("request_id"))


@task_postrun.connect
def carry_none(**_: object) -> None:
    security_log.carry(None)


@task_failure.connect
def look_through_connections(exception: BaseException, **_: object) -> None:
    """Of the connections that a restart of PostgreSQL broke, a task meets one; the sweep repeats its work."""
    if isinstance(exception, (OperationalError, InterfaceError)):
        from infra import pool  # Django's models are not there yet when this module is imported

        pool.look_through()
