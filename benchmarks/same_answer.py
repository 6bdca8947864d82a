"""Do national codes with and without an account take the same time? `python -m benchmarks.same_answer [SAMPLES]`.

Sign-ins with a wrong password, and beginnings of the recovery, interleaved so that a busy machine disturbs both alike.
The goal: medians that differ by less than 10 %. Servers of its own, which end with it.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from devtools import embedded

MANY = "1000000/1"
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "tamin_portal.settings",
    "SECRET_KEY": "the-secret-key-of-a-benchmark-which-protects-nothing-at-all",
    "SMS_BACKEND": "memory",
    "HTTPS": "off",
    "ALLOWED_HOSTS": "testserver",
    "STAFF_SECOND_FACTOR": "off",
    **{
        f"LIMIT_{name}": MANY
        for name in ("SENDS_PER_MOBILE", "UNCONFIRMED", "UNCONFIRMED_PER_IP", "UNCONFIRMED_PER_NETWORK")
    },
    **{f"LIMIT_{name}": MANY for name in ("SIGN_IN_PER_NATIONAL_CODE", "SIGN_IN_PER_IP")},
}


def main(samples: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        directory.chmod(0o711)  # PostgreSQL, which never runs as root, must get through
        (directory / "static").mkdir()
        servers = {
            "DATABASE_URL": embedded.postgres(directory / "postgres", fsync=False),
            "REDIS_URL": embedded.redis(directory / "redis"),
        }
        try:
            for variable, server in servers.items():
                server.start()
                os.environ[variable] = server.url
            os.environ.update(SETTINGS, DATA_DIR=str(directory))
            _measure(samples)
        finally:
            for server in servers.values():
                server.stop()


def _measure(samples: int) -> None:
    import django

    django.setup()
    import logging

    from django.core.management import call_command
    from django.test import Client
    from django.utils import timezone

    from accounts.models import SecurityQuestion, User
    from accounts.questions.answers import hash_answers

    logging.disable()
    call_command("migrate", verbosity=0)
    known, unknown = "0019990014", "0019990022"
    user = User(national_code=known, first_name="سارا", last_name="محمدی", mobile="+989970000001")
    user.question_1, user.answers_hash = SecurityQuestion.objects.first(), hash_answers(["خانم نیکو"])
    user.set_password("Zangule21")
    user.activated_at = timezone.now()
    user.save()

    def sign_in(code: str) -> None:
        _must(200, Client().post("/accounts/login/", {"national_code": code, "password": "Wrong12345"}).status_code)

    def recover(code: str) -> None:
        _must(302, Client().post("/accounts/recover/", {"national_code": code}).status_code)

    for name, action in (("sign-in, wrong password", sign_in), ("recovery, begun", recover)):
        times: dict[str, list[float]] = {known: [], unknown: []}
        for number in range(samples + 5):
            for code in (known, unknown) if number % 2 else (unknown, known):
                taken = _seconds(action, code)
                if number >= 5:  # the first ones load templates and connect
                    times[code].append(taken)
        with_account, without = (1000 * statistics.median(times[code]) for code in (known, unknown))
        difference = 100 * abs(with_account - without) / with_account
        print(f"{name:26} {with_account:7.2f} ms {without:7.2f} ms  differ by {difference:4.1f} %")  # noqa: T201


def _must(status: int, answered: int) -> None:
    if answered != status:
        sys.exit(f"The portal answered {answered} instead of {status}.")


def _seconds(action: Callable[[str], None], code: str) -> float:
    began = time.perf_counter()
    action(code)
    return time.perf_counter() - began


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
