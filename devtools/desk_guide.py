"""Pictures of the clerk's guide (docs/desk.md): the desk's pages with made-up people, in Persian, into docs/desk.

A part of `make guide`; `make guide ONLY=desk` makes these alone.
"""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page

TARGET = Path(__file__).parents[1] / "docs" / "desk"
WIDTH, HEIGHT = 1000, 700
DESK = "/desk/"
REQUESTS = f"{DESK}registration/registrationrequest/"
CLERK, SUPERVISOR, INVITED = 40, 41, 42  # numbers of made-up national codes
NAMES = ("زهرا احمدی", "علی کریمی", "مریم رضایی", "حسین جعفری", "لیلا قاسمی", "رضا بهرامی", "نرگس صادقی")
Keep = Callable[[Page, str], None]


def pictures(browser: Browser, address: str, keep: Keep) -> None:
    """`keep`: writes what the page shows now, under a name."""
    from tests.accounts.helpers import PASSWORD

    rows = _rows()
    page = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, locale="fa").new_page()
    page.set_default_timeout(120_000)  # on a machine that does something else as well

    def show(name: str, path: str = "", to: str = "") -> None:
        if path:
            page.goto(address + path)
        if to:
            page.eval_on_selector(to, "one => one.scrollIntoView()")
        keep(page, name)

    page.goto(f"{address}{DESK}enrol/")
    page.fill("[name=national_code]", rows["invited"])
    page.fill("[name=code]", rows["code"])
    show("enrol")
    _press(page, "main .desk-button")
    for name in ("password1", "password2"):
        page.fill(f"[name={name}]", PASSWORD)
    _press(page, "main .desk-button")
    show("app")
    page.goto(f"{address}{DESK}login/")
    page.fill("main [name=username]", rows["supervisor"])
    page.fill("main [name=password]", PASSWORD)
    _press(page, "main .desk-button")
    show("index", DESK)
    show("list", REQUESTS)
    show("record", f"{REQUESTS}{rows['mismatch']}/change/")
    show("errands", to="#errands")
    show("correct", f"{REQUESTS}{rows['mismatch']}/correct/")
    page.goto(f"{address}{REQUESTS}?status=branch")
    for box in page.locator(".pick input").all()[:4]:
        box.check()
    _press(page, "#bulk button")
    show("bulk")
    show("account", f"{DESK}accounts/user/{rows['account']}/change/", "#errands")
    show("member", f"{DESK}staff/{rows['clerk']}/")


def _press(page: Page, selector: str) -> None:
    with page.expect_navigation():
        page.locator(selector).first.click()


def _rows() -> dict[str, str]:
    """People to show, all made up; the keys of addresses and what is typed."""
    from accounts.models import Branch, User
    from accounts.staff import members
    from registration.desk import roles
    from registration.models import RegistrationRequest, RequestEvent
    from tests.accounts.helpers import make_account
    from tests.people import national_code
    from tests.registration.desk.members import member
    from tests.registration.rows import make_request

    branch = Branch.objects.order_by("pk")[0]
    clerk = member(CLERK, roles.CLERK, branch=branch, first_name="مینا", last_name="کارگر", mobile="")
    named = {"branch": branch, "first_name": "آذر", "last_name": "سرپرست", "mobile": ""}
    supervisor = member(SUPERVISOR, roles.SUPERVISOR, **named)
    role = roles.group(roles.CLERK)
    issued = members.invite(
        national_code(INVITED), role=role, branch=branch, first_name="سینا", last_name="نوری", by=supervisor
    )
    RequestEvent.objects.all().delete()
    RegistrationRequest.objects.all().delete()
    found = []
    for number, name in enumerate(NAMES, 50):
        first, last = name.split()
        status = "mismatch" if number % 3 == 2 else "branch"
        findings = dict.fromkeys(RegistrationRequest.IDENTITY_FIELDS, "match")
        findings |= {"first_name": "mismatch"} if status == "mismatch" else {}
        stated = {"first_name": first, "last_name": last, "province": "تهران", "findings": findings}
        found.append(make_request(number, status, age=timedelta(hours=5 * (60 - number)), **stated))
    for row in found:
        RequestEvent.objects.create(request=row, kind="submitted", from_status="draft", to_status="submitted")
        if row.status == "branch" and row.pk % 2:
            RequestEvent.objects.create(request=row, kind="mobile_proved", actor=clerk)
    account: User = make_account(49, first_name="سارا", last_name="محمدی")
    return {
        "invited": national_code(INVITED),
        "code": issued.in_fours(),
        "supervisor": supervisor.national_code,
        "mismatch": str(next(row.pk for row in found if row.status == "mismatch")),
        "account": str(account.pk),
        "clerk": str(clerk.pk),
    }
