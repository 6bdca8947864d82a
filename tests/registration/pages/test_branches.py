"""The directory of branches, and how it is filled."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Branch
from registration.pages.nearest_branches import branches_of
from registration.wizard import session as wizard_session
from tests.registration.rows import make_request

pytestmark = pytest.mark.django_db
HEADER = "code,name,province,city,address,phone\n"
GOOD = HEADER + "1,شعبهٔ یک,تهران,تهران,خیابان آزادی,021-۱۲۳۴\n2,شعبهٔ دو,اصفهان,اصفهان,,\n"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    file = tmp_path / "branches.csv"
    file.write_text(GOOD, encoding="utf-8-sig")
    return file


def test_a_file_is_imported_and_again_changes_nothing(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_branches", str(directory))
    assert "2 branches added" in capsys.readouterr().out
    before = list(Branch.objects.values_list())
    call_command("import_branches", str(directory))
    assert "0 branches added, 2 brought up to date" in capsys.readouterr().out
    assert list(Branch.objects.values_list()) == before
    assert Branch.objects.get(code="1").phone == "021-1234"


def test_check_writes_nothing(directory: Path) -> None:
    call_command("import_branches", str(directory), check=True)
    assert not Branch.objects.exists()


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (",بی‌کد,تهران,تهران,,", "code is empty"),
        ("3,شعبه,تهران,ناکجا,,", "is not in the city list"),
        ("3,شعبه,اصفهان,تهران,,", "is not in the province"),
        ("1,دوباره,تهران,تهران,,", "stands on more than one line"),
        (f"3,{'ب' * 101},تهران,تهران,,", "name is longer than 100"),
    ],
)
def test_one_bad_line_keeps_everything_out_and_is_named(directory: Path, line: str, problem: str) -> None:
    directory.write_text(f"{GOOD}{line}\n", encoding="utf-8")
    with pytest.raises(CommandError, match=problem):
        call_command("import_branches", str(directory))
    assert not Branch.objects.exists()


def test_a_wrong_header_is_said_in_one_line(directory: Path) -> None:
    directory.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(CommandError, match="the first line must be"):
        call_command("import_branches", str(directory))


def test_opening_hours_are_shown_where_they_are_known_and_stay_where_a_file_has_none(
    client: Client, directory: Path
) -> None:
    directory.write_text(f"{HEADER.strip()},hours\n1,شعبهٔ یک,تهران,تهران,,021-۱۲۳۴,شنبه تا چهارشنبه ۷ تا ۱۴\n")
    call_command("import_branches", str(directory))
    assert "شنبه تا چهارشنبه ۷ تا ۱۴" in client.get("/branches/", {"province": "تهران"}).content.decode()
    directory.write_text(GOOD, encoding="utf-8-sig")
    call_command("import_branches", str(directory))
    assert Branch.objects.get(code="1").hours == "شنبه تا چهارشنبه ۷ تا ۱۴"


def test_the_page_says_what_to_bring_and_what_is_done_there(client: Client) -> None:
    page = client.get("/branches/").content.decode()
    assert "اصل کارت ملی و شناسنامه" in page
    assert "واحد نامنویسی" in page


def test_the_page_narrows_from_province_to_city(client: Client, directory: Path) -> None:
    call_command("import_branches", str(directory))
    assert "شعبهٔ یک" not in client.get("/branches/").content.decode()
    page = client.get("/branches/", {"province": "تهران"}).content.decode()
    assert "شعبهٔ یک" in page
    assert "شعبهٔ دو" not in page
    assert "شعبهٔ یک" not in client.get("/branches/", {"province": "تهران", "city": "ری"}).content.decode()


def test_an_unknown_province_shows_the_empty_directory(client: Client) -> None:
    assert client.get("/branches/", {"province": "<script>", "city": "x"}).status_code == 200


def test_who_lives_where_no_branch_is_gets_those_of_the_province(directory: Path) -> None:
    call_command("import_branches", str(directory))
    assert [branch.code for branch in branches_of("ری")] == ["1"]
    assert branches_of("Paris") == []


def test_the_closing_page_names_the_branches_of_the_citizens_city(client: Client, directory: Path) -> None:
    call_command("import_branches", str(directory))
    request = make_request(7, "submitted")
    session = client.session
    wizard_session.keep_received(session, request)
    session.save()
    client.cookies["session"] = session.session_key or ""
    assert "شعبهٔ یک" in client.get("/portal/registration/received/").content.decode()
