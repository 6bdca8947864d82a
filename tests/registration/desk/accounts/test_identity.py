"""The pages of a legal change of an identity: the citizens' rules, the queue, and a supervisor's word."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.errands import identity
from accounts.models import AccountEvent, IdentityChange, User
from registration.desk import roles
from tests.accounts.errands.at_the_desk import errand
from tests.accounts.errands.test_identity import citizen, entered
from tests.accounts.recovery.recovering import leads_to, phone
from tests.people import STATED, typed
from tests.registration.desk.accounts.pages import ACCOUNTS, page_of, reason, record
from tests.registration.desk.members import member, office
from tests.registration.desk.pages import DESK
from tests.registration.wizard.walking import text

pytestmark = pytest.mark.django_db
NewClient = Callable[[], Client]
QUEUE = f"{ACCOUNTS}waiting/"


@pytest.fixture
def supervisor(new_client: NewClient) -> Client:
    client = new_client()
    client.force_login(member(701, roles.SUPERVISOR, branch=office(), first_name="آذر", last_name="نوری"))
    return client


def filled(user: User, **new: Any) -> dict[str, Any]:
    return reason(user, "", reason="name") | typed(STATED | new) | {"documents": ["registry_letter"]}


def decided(user: User, why: str, **more: Any) -> dict[str, Any]:
    change = IdentityChange.objects.latest("pk")
    return reason(user, "", reason=why, change_id=change.pk, documents=["birth_certificate"], **more)


def test_a_clerk_enters_and_a_supervisor_confirms(client: Client, supervisor: Client) -> None:
    user = citizen()
    client.force_login(member(700, roles.CLERK, first_name="مینا", last_name="کارگر"))
    assert 'value="سارا"' in text(client.get(page_of(user, "identity")))
    assert leads_to(client.post(page_of(user, "identity"), filled(user, first_name=" ساره ")), record(user))
    page = text(client.get(record(user)))
    assert "تغییر ثبت شد. پس از تأیید سرپرست" in page
    assert "این تغییر را شما ثبت کرده‌اید" in page
    assert page_of(user, "identity") not in page.replace(page_of(user, "identity/refuse"), "")
    assert client.post(page_of(user, "identity/confirm"), decided(user, "agree")).status_code == 403

    index = supervisor.get(DESK)
    [tile] = [tile for tile in index.context["tiles"] if tile["name"] == "identities"]
    assert (tile["count"], tile["address"]) == (1, QUEUE)
    queue = text(supervisor.get(QUEUE))
    assert record(user) in queue
    assert user.national_code not in queue
    page = text(supervisor.get(record(user)))
    assert "<del>سارا</del> <ins>ساره</ins>" in page
    assert "ثبت: مینا کارگر" in page
    assert "<del>سارا</del> <ins>ساره</ins>" in text(supervisor.get(page_of(user, "identity/confirm")))
    assert leads_to(supervisor.post(page_of(user, "identity/confirm"), decided(user, "agree")), record(user))
    page = text(supervisor.get(record(user)))
    assert "ساره محمدی" in page
    assert "مشخصات هویتی حساب شما" in phone(user)[-1]
    assert supervisor.get(QUEUE).context["rows"].count() == 0
    words = "در مدارک دقیقاً همان است که ثبت شده است؛ دیده شد: شناسنامه"
    assert AccountEvent.objects.get(kind="identity_changed").words == words
    assert AccountEvent.objects.get(kind="identity_entered").words == (
        "ثبت احوال نام را تغییر داده است؛ دیده شد: نامهٔ ادارهٔ ثبت احوال"
    )


def test_a_supervisor_does_not_confirm_the_own_entry_and_takes_it_back(supervisor: Client) -> None:
    user = citizen()
    supervisor.post(page_of(user, "identity"), filled(user, first_name="ساره"))
    page = text(supervisor.get(record(user)))
    assert page_of(user, "identity/confirm") not in page
    for answer in (
        supervisor.get(page_of(user, "identity/confirm"), follow=True),
        supervisor.post(page_of(user, "identity/confirm"), decided(user, "agree"), follow=True),
    ):
        assert "سرپرست دیگری آن را تأیید می‌کند" in text(answer)
    user.refresh_from_db()
    assert user.first_name == "سارا"
    supervisor.post(page_of(user, "identity/refuse"), decided(user, "mistyped"))
    assert IdentityChange.objects.get().state == "refused"
    assert phone(user) == []


def test_a_clerk_refuses_the_own_entry_alone(client: Client) -> None:
    user = citizen()
    change = entered(user, first_name="ساره")
    client.force_login(member(700, roles.CLERK))
    assert page_of(user, "identity/refuse") not in text(client.get(record(user)))
    assert client.post(page_of(user, "identity/refuse"), decided(user, "mistyped")).status_code == 403
    change.refresh_from_db()
    assert change.state == "waiting"


@pytest.mark.parametrize(
    ("new", "says"),
    [
        ({"first_name": "Sara"}, "نام"),
        ({"certificate_number": "0"}, "صفر"),
        ({"birth_date_year": "1300", "birth_date_day": "32"}, "میان ۱ و ۳۱"),
        ({"documents": []}, "مدارکی را که دیده‌اید"),
        ({"reason": ""}, "دلیل این کار را انتخاب کنید"),
        ({"version": "x"}, "صفحه را دوباره باز کنید"),
    ],
)
def test_the_rules_are_the_citizens(desk: Client, new: dict[str, Any], says: str) -> None:
    user = citizen()
    page = text(desk.post(page_of(user, "identity"), filled(user) | new))
    errors = page[page.index("errornote") :]
    assert says in errors[: errors.index("</div>")]
    assert not IdentityChange.objects.exists()


def test_what_was_not_changed_is_said(desk: Client) -> None:
    user = citizen()
    desk.post(page_of(user, "identity"), filled(user))
    assert "چیزی تغییر نکرد" in text(desk.get(record(user)))


def test_a_forged_post_changes_nothing_else(desk: Client, supervisor: Client) -> None:
    user = citizen()
    forged = {"national_code": "0019990011", "mobile": "+989970077777", "is_staff": "on", "state": "confirmed"}
    desk.post(page_of(user, "identity"), filled(user, first_name="ساره") | forged)
    before = dict(User.objects.values().get(pk=user.pk))
    supervisor.post(page_of(user, "identity/confirm"), decided(user, "agree", last_name="دیگری", **forged))
    after = dict(User.objects.values().get(pk=user.pk))
    assert {name for name in before if before[name] != after[name]} == {"first_name", "first_name_key"}


def test_a_page_about_another_entry_confirms_nothing(supervisor: Client) -> None:
    user = citizen()
    change = entered(user, first_name="ساره")
    read = decided(user, "agree")
    identity.refuse(user.pk, errand(user), change.pk)
    entered(user, first_name="سمیه")
    assert "با وضعیت کنونی حساب" in text(supervisor.post(page_of(user, "identity/confirm"), read, follow=True))
    user.refresh_from_db()
    assert user.first_name == "سارا"


def test_of_another_province_nothing_is_listed_or_confirmed(supervisor: Client) -> None:
    user = citizen(province="فارس")
    by = member(702, roles.HEAD_OFFICE)
    identity.enter(user.pk, errand(user, by=by), STATED | {"first_name": "ساره"})
    assert supervisor.get(QUEUE).context["rows"].count() == 0
    reach = page_of(user, "reach")
    for page in ("identity", "identity/confirm", "identity/refuse"):
        assert leads_to(supervisor.post(page_of(user, page), decided(user, "agree")), reach)
    assert IdentityChange.objects.get().state == "waiting"
