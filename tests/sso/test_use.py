"""How much each service is used, and keys that end: counted without anybody's name, shown at the desk."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.checks import run_checks
from django.test import Client
from django.utils import timezone

from accounts.models import User
from registration.desk import roles
from sso import expiry, keys, retention, use
from sso.desk import figures
from sso.models import Service, ServiceUse
from tests.accounts.helpers import make_account
from tests.sso.relying import Relying, allow, make_service

pytestmark = pytest.mark.django_db


def counted() -> dict[tuple[str, str], int]:
    use.write()
    return {(row.what, row.error): row.number for row in ServiceUse.objects.filter(day=timezone.localdate())}


@pytest.fixture
def page(relying: Relying) -> Any:
    """What the head office reads of a service, and of all."""
    user = make_account(501, is_staff=True)
    user.groups.add(roles.group(roles.HEAD_OFFICE))
    browser = Client()

    def read(path: str = f"{relying.service.pk}/change/") -> str:
        browser.force_login(user)  # a year is longer than any session
        return browser.get(f"/desk/sso/service/{path}").content.decode()

    return read


def test_sign_ins_answers_with_tokens_and_refusals_are_counted(browser: Client, offline: Relying) -> None:
    got = offline.tokens(browser, scope="openid offline_access")
    offline.refresh(got["refresh_token"])
    offline.refresh(got["refresh_token"])
    offline.send(browser, scope="profile")
    allow(browser, offline.send(browser, prompt="consent"), "deny")
    offline.http.post(
        "/o/token", {"client_id": "offline", "client_secret": "wrong", "grant_type": "authorization_code"}
    )
    offline.http.post("/o/token", {"client_id": "nobody", "client_secret": "wrong"})
    first = {
        ("sign-in", ""): 1,
        ("tokens", ""): 2,
        ("refused", "invalid_grant"): 1,
        ("refused", "invalid_scope"): 1,
        ("refused", "access_denied"): 1,
        ("refused", "invalid_client"): 1,
    }
    assert counted() == first
    assert counted() == first  # nothing is written twice
    offline.tokens(browser)
    assert counted() == first | {("sign-in", ""): 2, ("tokens", ""): 3}


def test_what_was_counted_before_midnight_is_of_that_day(service: Service) -> None:
    with time_machine.travel("2026-11-25T20:29:59Z", tick=False):  # 23:59:59 in Tehran
        use.count("pension", use.What.SIGN_IN)
    with time_machine.travel("2026-11-25T20:30:01Z", tick=False):
        use.count("pension", use.What.SIGN_IN)
        use.count("nobody", use.What.SIGN_IN)
        assert use.write() == 3
    days = [str(day) for day in ServiceUse.objects.order_by("day").values_list("day", flat=True)]
    assert days == ["2026-11-25", "2026-11-26"]


def test_the_rows_are_of_nobody(browser: Client, person: User, connected: Relying) -> None:
    connected.tokens(browser)
    use.write()
    fields = {field.name for field in ServiceUse._meta.get_fields()}
    assert fields == {"id", "service", "day", "what", "error", "number"}
    ServiceUse.objects.update(day=timezone.localdate() - timedelta(days=399))
    retention.purge()
    assert ServiceUse.objects.exists()
    ServiceUse.objects.update(day=timezone.localdate() - timedelta(days=401))
    retention.purge()
    assert not ServiceUse.objects.exists()


def test_the_desk_shows_thirty_days(page: Any, service: Service) -> None:
    assert 'class="plot"' not in page()
    today = timezone.localdate()
    for ago, what, error, number in [(0, "sign-in", "", 7), (29, "sign-in", "", 3), (30, "sign-in", "", 99)]:
        ServiceUse.objects.create(
            service=service, day=today - timedelta(days=ago), what=what, error=error, number=number
        )
    ServiceUse.objects.create(service=service, day=today, what="refused", error="invalid_grant", number=2)
    drawn = re.findall('<svg class="plot" role="img".*?</svg>', page(), re.DOTALL)
    assert [len(re.findall("<rect", plot)) for plot in drawn] == [30, 30]
    assert " style=" not in "".join(drawn)
    assert "در ۳۰ روز گذشته؛ بیشترین در یک روز: ۷" in drawn[0]
    assert ": ۷</title>" in drawn[0]
    heights = [int(height) for height in re.findall('<rect [^>]*height="([0-9]+)"', drawn[0])]
    assert (heights[0], heights[-1], sum(heights[1:-1])) == (round(120 * 3 / 7), 120, 0)
    shown = figures.of(service)["rows"]
    assert [(day, sign_ins, errors) for day, sign_ins, _tokens, errors in shown] == [
        (today, 7, [("invalid_grant", 2)]),
        (today - timedelta(days=29), 3, []),
    ]
    assert "invalid_grant" in page()


@pytest.mark.parametrize(("days", "warned"), [(31, False), (30, True), (0, True), (-5, True)])
def test_keys_of_a_service_warn_before_they_end(page: Any, service: Service, days: int, warned: bool) -> None:
    Service.objects.update(keys_end_on=timezone.localdate() + timedelta(days=days))
    service.refresh_from_db()
    words = figures.end_of_keys(service)
    assert bool(words) is warned
    assert (bool(words) and words in page()) is warned
    assert not warned or words in page("")
    assert expiry.days_left()["services"] == days


def test_a_service_that_is_closed_warns_nobody() -> None:
    make_service(state=Service.State.CLOSED, keys_end_on=timezone.localdate())
    assert expiry.days_left()["services"] == expiry.FAR


def test_the_portals_own_keys_warn_a_month_before_they_are_a_year_old(
    page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> tuple[bool, bool]:
        monkeypatch.setattr(keys, "_last", None)
        keys.current.forget()
        words = figures.end_of_own_keys()
        ids = {message.id for message in run_checks(include_deployment_checks=True)}
        return bool(words) and words in page(""), "portal.I017" in ids

    assert keys.SIGNS_FOR.days == 365
    assert told() == (False, False)
    monkeypatch.setattr(keys, "SIGNS_FOR", timedelta(days=30))
    assert told() == (True, True)
    assert expiry.days_left()["portal"] in (29, 30)  # the keys of these tests may have been made before midnight
