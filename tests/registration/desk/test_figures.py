"""The desk's page of figures: whose numbers are shown, what is drawn, and the files."""

import csv
import datetime as dt
import io
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from accounts.models import Branch, User
from registration.desk import roles
from registration.desk.figures import plots, svg, words
from registration.figures import days
from registration.models import DailyFigure, DailyWork
from tests.registration.desk.members import member
from tests.registration.desk.pages import DESK, LIST
from tests.registration.figures import generated
from tests.registration.rows import make_request

pytestmark = pytest.mark.django_db

PAGE = f"{DESK}figures/"
SVG = "{http://www.w3.org/2000/svg}"
STATEMENTS = 15  # who asks, their rights and place; the queues; the figures; branches, clerks and their names
DAY = dt.date(2026, 11, 30)
DAYS = days.last(30, DAY)


def today() -> dt.date:
    return days.of(timezone.now())


def sign_in(client: Client, role: roles.Role, province: str = "", number: int = 600) -> User:
    branch = Branch.objects.filter(province=province).order_by("pk").first() if province else None
    user = member(number, role, branch=branch)
    client.force_login(user)
    return user


def file(client: Client, key: str) -> list[dict[str, str]]:
    response = client.get(f"{PAGE}{key}.csv")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    content = response.content.decode()
    assert content.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(content.removeprefix("\ufeff"))))


def test_the_page_has_every_figure_with_its_table_and_file_in_few_statements(client: Client) -> None:
    generated.month(today())
    generated.work(today())
    sign_in(client, roles.HEAD_OFFICE)
    client.get(DESK)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(PAGE)
    assert len([one for one in captured.captured_queries if one["sql"].startswith(("SELECT", "INSERT"))]) <= STATEMENTS
    keys = [figure.key for figure in response.context["figures"]]
    assert keys == ["outcomes", "decisions", "delivery", "funnel", "fields", "branches", "clerks"]
    page = response.content.decode()
    assert page.count('role="img"') == page.count("<details") == page.count('class="figure-file"') == 7
    assert "style=" not in page
    for figure in response.context["figures"]:
        assert f"/desk/figures/{figure.key}.csv" in page
        assert len(file(client, figure.key)) == len(figure.rows)


def test_queues_are_numbers_that_lead_to_their_lists(client: Client) -> None:
    make_request(1, "branch", age=dt.timedelta(days=3))
    make_request(2, "mismatch", undelivered=True)
    make_request(3, "submitted", age=dt.timedelta(hours=2))
    make_request(4, "expired")
    make_request(5, "branch", province="فارس", age=dt.timedelta(days=30))
    Branch.objects.create(code="1", name="قم", province="قم", city="قم")
    sign_in(client, roles.SUPERVISOR, "قم")
    queues = client.get(PAGE).context["queues"]
    found = {queue["name"]: (queue["count"], queue["age"], queue["address"]) for queue in queues}
    assert found == {
        "waiting": ("۲", "۳ روز", f"{LIST}?status=waiting"),
        "mismatch": ("۱", "", f"{LIST}?status=mismatch"),
        "undelivered": ("۱", "", f"{LIST}?status=undelivered"),
        "stuck": ("۱", "", f"{LIST}?status=stuck"),
        "expired": ("۱", "", f"{LIST}?status=expired"),
    }
    for *_, address in found.values():
        assert client.get(address).status_code == 200


def test_each_sees_the_own_province_and_branches(client: Client) -> None:
    for province, count in (("تهران", 5), ("فارس", 70), ("", 1)):
        known = {"day": today(), "kind": "outcome", "subject": "submitted", "outcome": "submitted"}
        DailyFigure.objects.create(**known, province=province, count=count)
    people = generated.work(today())
    names = {person.get_full_name() for person in people}
    of_tehran = {person.get_full_name() for person in people if person.branch and person.branch.province == "تهران"}
    own = {person.get_full_name() for person in people if person.branch == people[0].branch}
    expected: dict[roles.Role, tuple[int, set[str], int]] = {
        roles.SUPERVISOR: (6, own, 404),
        roles.PROVINCE: (6, of_tehran, 404),
        roles.HEAD_OFFICE: (76, names, 200),
        roles.AUDITOR: (76, names, 200),
    }
    for number, (role, (sent, clerks, answer)) in enumerate(expected.items(), 640):
        sign_in(client, role, "تهران" if role.at_branch else "", number)
        assert sum(int(row["درخواست‌ها"]) for row in file(client, "outcomes")) == sent
        assert {row["کارشناس"] for row in file(client, "clerks")} == clerks
        assert {client.get(f"{PAGE}{key}.csv").status_code for key in ("funnel", "fields")} == {answer}
        shown = client.get(PAGE).content.decode()
        assert {name for name in names if name in shown} == clerks
    member(650, roles.SUPERVISOR, branch=None)
    sign_in(client, roles.SUPERVISOR, "", 651)  # of no branch
    assert file(client, "clerks") == []
    assert client.get(f"{PAGE}nothing.csv").status_code == 404


def test_files_have_days_of_the_solar_calendar_and_no_formulas(client: Client) -> None:
    clerk = member(600, roles.CLERK, first_name="=1+1", last_name="توکلی")
    DailyWork.objects.create(day=today(), clerk=clerk, deed="rejected", count=2)
    sign_in(client, roles.HEAD_OFFICE, number=601)
    assert file(client, "clerks")[0]["کارشناس"] == "'=1+1 توکلی"
    assert file(client, "branches")[0]["شعبه"] == "بدون شعبه"
    rows = file(client, "outcomes")
    assert (len(rows), rows[-1]["روز"]) == (30, words.numeric_date(today()))
    assert words.numeric_date(DAY) == "1405-09-09"


def test_an_empty_page_says_so(client: Client) -> None:
    sign_in(client, roles.HEAD_OFFICE)
    page = client.get(PAGE).content.decode()
    assert "هنوز چیزی شمارش نشده است" in page
    assert "در این روزها تصمیمی گرفته نشده است" in page


# ── pictures ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def drawn(picture: str) -> ET.Element:
    return ET.fromstring(picture)  # noqa: S314  our own


def test_a_picture_is_named_and_nothing_in_it_is_markup_of_others() -> None:
    bar = plots.Bar("<script>", "۲ & ۳", [2.0, 3.0])
    root = drawn(plots.bars("work", 'of "all"', "told <b>", [bar]))
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == "work-title work-told"
    named = {element.attrib["id"]: element.text for element in root if "id" in element.attrib}
    assert named == {"work-title": 'of "all"', "work-told": "told <b>"}
    assert [element.text for element in root.iter(f"{SVG}text")] == ["<script>", "۲ & ۳"]
    assert not [element for element in root.iter() if "style" in element.attrib]
    grounds = {element.attrib["id"] for element in root.iter(f"{SVG}pattern")}
    used = {element.attrib["fill"][5:-1] for element in root.iter(f"{SVG}rect") if "fill" in element.attrib}
    assert used == {"work-ground-0", "work-ground-1"} <= grounds
    assert len(set(svg.MARKS)) == len(svg.MARKS)  # told apart without colour


def boxes(picture: str) -> list[dict[str, float]]:
    found = [element.attrib for element in drawn(picture).iter(f"{SVG}rect") if element.get("class") == "edge"]
    return [{name: float(box[name]) for name in ("x", "y", "width", "height")} for box in found]


def test_time_goes_from_left_to_right_and_bars_begin_where_reading_begins() -> None:
    series = [plots.Series("a", [float(number) for number in range(30)])]
    for language in ("fa", "en"):
        with translation.override(language):
            columns = boxes(plots.stacked("x", "t", "d", DAYS, series))
            [bar, _other] = boxes(plots.bars("y", "t", "d", [plots.Bar("n", "1", [1]), plots.Bar("m", "4", [4])]))
        assert [box["x"] for box in columns] == sorted(box["x"] for box in columns)
        assert len(columns) == 29  # nothing of a day without any
        assert columns[-1]["height"] == pytest.approx(29 * columns[0]["height"], rel=0.05)
        assert (bar["x"], bar["x"] + bar["width"]) == ((420, 560) if language == "fa" else (0, 140))


def test_a_line_is_broken_where_nothing_is_known() -> None:
    values: list[float | None] = [60.0, 3600.0, None, 60.0, *[None] * 26]
    root = drawn(plots.lines("x", "t", "d", DAYS, [plots.Series("half", values)], words.time))
    [line] = [element.attrib["d"] for element in root.iter(f"{SVG}path") if element.get("class") == "line line-0"]
    assert (line.count("M"), line.count("L")) == (2, 1)
    assert len(list(root.iter(f"{SVG}circle"))) == 3


@pytest.mark.parametrize(
    ("seconds", "said"), [(1, "۱ ثانیه"), (99, "۹۹ ثانیه"), (600, "۱۰ دقیقه"), (36_000, "۱۰ ساعت"), (172_800, "۲ روز")]
)
def test_times_are_said_in_one_unit(seconds: float, said: str) -> None:
    assert words.time(seconds) == said


def test_shares_do_not_say_all_or_nothing_where_it_is_not() -> None:
    pairs = [(0, 0), (0, 5), (1, 1000), (999, 1000), (5, 5)]
    assert [words.share(*pair) for pair in pairs] == ["–", "۰٪", "۱٪", "۹۹٪", "۱۰۰٪"]
    with translation.override("en"):
        assert (words.share(1, 2), words.number(12345)) == ("50%", "12,345")
    assert words.number(12345) == "۱۲٬۳۴۵"
