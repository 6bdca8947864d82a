"""The tracking page: what each status means to a citizen, one answer for whatever is not found, limits."""

import pytest
from django.test import Client

from accounts.models import Branch
from registration.lifecycle import tracking_code
from registration.models import RegistrationRequest
from registration.pages.status_words import MEANINGS
from tests.people import national_code
from tests.registration.rows import make_request

pytestmark = pytest.mark.django_db
Status = RegistrationRequest.Status
URL = "/registration/track/"


def ask(client: Client, code: str, tracking_code: str) -> str:
    answer = client.post(URL, {"national_code": code, "tracking_code": tracking_code})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("status", MEANINGS)
def test_each_status_has_its_words(client: Client, status: str) -> None:
    request = make_request(1, status)
    page = ask(client, request.national_code, str(request.tracking_code))
    assert str(MEANINGS[status][0]) in page
    assert str(MEANINGS[status][1]) in page
    others = [str(words[0]) for other, words in MEANINGS.items() if other != status]
    assert not any(words in page for words in others)


def test_every_status_but_the_draft_has_words() -> None:
    assert set(MEANINGS) == set(Status.values) - {Status.DRAFT}


def test_persian_digits_and_dashes_are_read(client: Client) -> None:
    request = make_request(1, Status.SUBMITTED)
    persian = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
    code = str(request.tracking_code)
    dashed = f"{code[:4]}-{code[4:8]}-{code[8:]}"
    page = ask(client, request.national_code.translate(persian), dashed.translate(persian))
    assert str(MEANINGS[Status.SUBMITTED][0]) in page


def test_a_wrong_pair_gets_one_answer_whichever_is_wrong(client: Client) -> None:
    request = make_request(1, Status.SUBMITTED)
    wrong_code = ask(client, request.national_code, tracking_code.new())
    wrong_person = ask(client, national_code(2), str(request.tracking_code))
    message = "درخواستی با این کد ملی و کد پیگیری پیدا نشد"
    assert message in wrong_code
    assert message in wrong_person


def test_a_slip_of_the_pen_is_told_without_a_question_to_the_database(client: Client) -> None:
    code = tracking_code.new()
    slip = code[:-1] + str((int(code[-1]) + 1) % 10)
    assert "کد پیگیری درست نیست" in ask(client, national_code(1), slip)


def test_a_draft_is_not_found(client: Client) -> None:
    request = make_request(1, Status.DRAFT)
    assert "پیدا نشد" in ask(client, request.national_code, str(request.tracking_code))


def test_the_branches_of_the_citizens_city_are_shown_when_it_must_be_a_branch(client: Client) -> None:
    Branch.objects.create(code="7", name="شعبهٔ هفت", province="تهران", city="تهران", address="خیابان آزادی")
    request = make_request(1, Status.BRANCH)
    assert "شعبهٔ هفت" in ask(client, request.national_code, str(request.tracking_code))


def test_no_branch_is_named_while_nothing_is_decided(client: Client) -> None:
    Branch.objects.create(code="7", name="شعبهٔ هفت", province="تهران", city="تهران")
    request = make_request(1, Status.SUBMITTED)
    assert "شعبهٔ هفت" not in ask(client, request.national_code, str(request.tracking_code))


def test_the_sixth_question_about_one_person_in_an_hour_is_refused(client: Client) -> None:
    for _ in range(5):
        ask(client, national_code(1), tracking_code.new())
    answer = client.post(URL, {"national_code": national_code(1), "tracking_code": tracking_code.new()})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "3600"


def test_the_sixty_first_wrong_question_of_one_address_is_refused(client: Client) -> None:
    for number in range(20, 80):
        ask(client, national_code(number), tracking_code.new())
    answer = client.post(URL, {"national_code": national_code(11), "tracking_code": tracking_code.new()})
    assert answer.status_code == 429


def test_a_refused_question_about_one_person_leaves_the_address_its_questions(client: Client) -> None:
    for _ in range(5):
        ask(client, national_code(1), tracking_code.new())
    for _ in range(5):
        client.post(URL, {"national_code": national_code(1), "tracking_code": tracking_code.new()})
    answer = client.post(URL, {"national_code": national_code(2), "tracking_code": tracking_code.new()})
    assert answer.status_code == 200


def test_codes_in_the_address_ask_nothing(client: Client) -> None:
    request = make_request(1, Status.SUBMITTED)
    page = client.get(URL, {"national_code": request.national_code, "tracking_code": str(request.tracking_code)})
    assert str(MEANINGS[Status.SUBMITTED][0]) not in page.content.decode()


def test_who_guesses_for_a_person_keeps_the_owners_right_pair_from_nothing(client: Client) -> None:
    request = make_request(1, Status.SUBMITTED)
    for _ in range(6):
        pair = {"national_code": request.national_code, "tracking_code": tracking_code.new()}
        client.post(URL, pair, REMOTE_ADDR="198.51.100.7")
    owner = {"national_code": request.national_code, "tracking_code": str(request.tracking_code)}
    assert client.post(URL, owner, REMOTE_ADDR="192.0.2.8").status_code == 200
    assert client.post(URL, pair, REMOTE_ADDR="192.0.2.8").status_code == 429
