"""Finding a citizen at the branch desk: by number whatever became of the request, by the beginning of a name."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import User
from registration.desk import search as desk_search
from registration.models import RegistrationRequest
from tests.people import national_code
from tests.registration.desk.pages import ARABIC, DESK, LIST, PERSIAN, counts, find, shown
from tests.registration.rows import make_request
from tests.registration.wizard.walking import text

pytestmark = pytest.mark.django_db

NewClient = Callable[[], Client]
Status = RegistrationRequest.Status


CODE = national_code(7)


@pytest.mark.parametrize(
    "typed",
    [
        CODE,
        CODE.translate(PERSIAN),
        CODE.translate(ARABIC),
        f" \u200f{CODE[:3]} {CODE[3:9]}-{CODE[9:]}\u200e\u00a0",
        "09970000007",
        "۰۹۹۷ ۰۰۰ ۰۰۰۷",
        "+98 997 000 0007",
        "00989970000007",
        "9970000007",
        "123456789015",
        "۱۲۳۴ ۵۶۷۸ ۹۰۱۵",
    ],
)
def test_a_number_finds_its_request_whatever_became_of_it_and_however_it_is_written(desk: Client, typed: str) -> None:
    row = make_request(7, Status.EXPIRED, tracking_code="123456789015", age=timedelta(days=90))
    make_request(8)
    for page in (find(desk, typed), find(desk, typed, status="branch", when="today"), desk.get(LIST, {"q": typed})):
        assert shown(page) == [row.pk]
        assert "این شماره در همهٔ وضعیت‌ها جستجو شد" in text(page)


@pytest.mark.parametrize("typed", [CODE[:9], CODE[1:], f"{CODE}0", "0997000000", "1", "۱۲ الف"])
def test_a_part_of_a_number_finds_nobody(desk: Client, typed: str) -> None:
    make_request(7)
    page = find(desk, typed)
    assert shown(page) == []
    assert "درخواستی با این مشخصات پیدا نشد" in text(page)


@pytest.mark.parametrize(
    "typed", ["حسینی", "حسيني", "حسینی نژاد", "حسینی\u200cنژاد", "علی‌رضا حسینی", "عليرضا حسين", "علی رضا حسینی‌نژاد"]
)
def test_the_beginning_of_a_name_finds_it_in_any_spelling(desk: Client, typed: str) -> None:
    row = make_request(1, first_name="علی‌رضا", last_name="حسینی‌نژاد")
    make_request(2, first_name="علی‌رضا", last_name="محمدی")
    assert shown(find(desk, typed)) == [row.pk]


@pytest.mark.parametrize("typed", ["سینی", "نژاد", "رضا حسینی", "%", "_", "ـ", "حسین%"])
def test_names_are_searched_from_their_beginning_and_without_wildcards(desk: Client, typed: str) -> None:
    make_request(1, first_name="علی‌رضا", last_name="حسینی‌نژاد")
    assert shown(find(desk, typed)) == []


def test_a_name_is_searched_in_the_chosen_status_and_the_counts_tell_of_the_others(desk: Client) -> None:
    waiting = make_request(1, last_name="احمدی")
    expired = make_request(2, Status.EXPIRED, last_name="احمدی")
    make_request(3, Status.EXPIRED, last_name="کریمی")
    page = find(desk, "احمد")
    assert shown(page) == [waiting.pk]
    assert counts(page)["expired"] == "۱"
    assert shown(find(desk, "احمد", status="expired")) == [expired.pk]


def test_no_address_holds_what_was_searched_and_no_other_session_can_look_it_up(
    desk: Client, new_client: NewClient, clerk: User
) -> None:
    make_request(7)
    address = desk.post(f"{LIST}find/", {"q": CODE}).headers["Location"]
    assert CODE not in address
    page = desk.get(address)
    assert f'value="{CODE}"' in text(page)  # the box still shows it
    other = new_client()
    other.force_login(clerk)
    assert shown(other.get(address)) == []


def test_only_the_last_searches_are_kept_and_an_empty_one_shows_the_queue(desk: Client) -> None:
    for number in range(desk_search.KEPT + 5):
        find(desk, f"نام {number}")
    assert len(desk.session[desk_search.SESSION_KEY]) == desk_search.KEPT
    assert desk.post(f"{LIST}find/", {"q": "  "}).headers["Location"] == LIST


@pytest.mark.parametrize("typed", ["\x00", "\x00" + CODE, "ا" * 5000, "'; --", "\ud7ff\u202e"])
def test_odd_searches_are_answered(desk: Client, typed: str) -> None:
    make_request(7)
    assert find(desk, typed).status_code == 200
    assert desk.get(LIST, {"q": typed[:500]}).status_code == 200


def test_the_counts_of_a_common_name_are_not_cut_short(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_search, "CAP", 2)
    for number in range(4):
        make_request(number, Status.EXPIRED, last_name="احمدی")
    make_request(9, last_name="احمدی")
    page = find(desk, "احمدی", status="all")
    assert (counts(page)["expired"], counts(page)["waiting"]) == ("۴", "۱")
    assert "بیش از ۲ درخواست" in text(page)


def test_nothing_is_found_by_typing_a_part_of_it(desk: Client) -> None:
    """Django's view for that answers every clerk, and 500 to a NUL character."""
    asked = {"app_label": "accounts", "model_name": "user", "field_name": "branch", "term": "\0"}
    assert desk.get(f"{DESK}autocomplete/", asked).status_code == 404
