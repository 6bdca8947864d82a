"""The four-step guide, "in case you forget your password": sign-in page, recovery, a new password. Read as stories."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.accounts.helpers import (
    LOGIN,
    NEW_PASSWORD,
    PASSWORD,
    make_account,
    persian,
    sign_in,
    signed_in,
    text,
    told_to_wait,
)
from tests.accounts.recovery.recovering import (
    ANSWERS,
    CODE,
    DONE,
    NEW,
    RESEND,
    RIGHT,
    START,
    WRONG_ANSWERS,
    answer,
    begin,
    choose,
    code_on_phone,
    leads_to,
    make_protected,
    phone,
    prove,
    wrong_code,
)
from tests.clock import advance

pytestmark = pytest.mark.django_db

NewClient = Callable[[], Client]
BRANCH = "Go to the nearest branch with your national card and birth certificate."


def test_who_forgot_the_password_gets_a_new_one_and_signs_in(new_client: NewClient) -> None:
    home, cafe = new_client(), new_client()
    sara = make_protected()
    sign_in(cafe, sara)
    assert signed_in(cafe)

    assert f'href="{START}"' in text(home.get(LOGIN))
    page = text(home.get(START))
    assert persian(BRANCH) in page
    spelled = sara.national_code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    assert leads_to(begin(home, f"{spelled[:3]}-{spelled[3:]}"), CODE)
    page = text(home.get(CODE))
    assert sara.local_mobile not in page
    assert "***" not in page  # not even a part of the number
    assert persian(BRANCH) in page

    # The text message says what it is for; its last line binds the code to this host.
    [message] = phone(sara)
    assert message.splitlines()[-1] == f"@localhost #{code_on_phone(sara)}"
    assert leads_to(prove(home, sara), ANSWERS)

    page = text(home.get(ANSWERS))
    assert all(f"پرسش {n}" in page for n in (1, 2, 3))
    assert persian(BRANCH) in page
    assert leads_to(answer(home, ("خانمِ نيكو", " همدان ", "قطار")), NEW)

    page = text(home.get(NEW))
    assert persian(BRANCH) in page
    weak = choose(home, "12345678")
    assert weak.status_code == 200
    assert len(weak.context["form"].errors["password1"]) >= 3
    assert choose(home, PASSWORD).context["form"].errors["password1"] == [
        persian("The new password must differ from the current one")
    ]
    assert leads_to(choose(home), DONE)
    assert persian("Your password has been changed") in text(home.get(DONE))

    # Nobody is signed in by this; the café is signed out; the owner hears of it.
    assert not signed_in(home)
    assert not signed_in(cafe)
    assert phone(sara)[1:] == [persian("Your password has been recovered. If it was not you, call 1420.")]
    assert sign_in(home, sara, PASSWORD).status_code == 200
    sign_in(home, sara, NEW_PASSWORD)
    assert signed_in(home)


def test_who_has_one_question_is_asked_one(client: Client) -> None:
    reza = make_protected(2, ("باغ وحش",))
    begin(client, reza.national_code)
    prove(client, reza)
    assert text(client.get(ANSWERS)).count('name="answer_') == 1
    assert leads_to(answer(client, ("باغ‌وحش",)), NEW)


def test_a_stranger_learns_nothing_and_the_owner_goes_on_signing_in(client: Client, new_client: NewClient) -> None:
    sara, owner = make_protected(), new_client()
    begin(client, sara.national_code)
    for step in range(1, 6):
        response = client.post(CODE, {"code": wrong_code(sara, step)})
        assert response.status_code == 200
        assert persian("The code entered is not valid") in text(response)
    # The code is dead now, also for who reads it off the phone.
    dead = prove(client, sara)
    assert dead.status_code == 200
    assert persian("This code is no longer accepted; press “Send the code again”.") in text(dead)
    sign_in(owner, sara)
    assert signed_in(owner)


def test_a_late_message_and_a_new_code(client: Client) -> None:
    sara = make_protected()
    begin(client, sara.national_code)
    first = code_on_phone(sara)
    assert told_to_wait(client.post(RESEND, follow=True))
    advance(seconds=125)
    assert leads_to(client.post(RESEND), CODE)
    assert code_on_phone(sara) == first
    advance(minutes=9)
    assert leads_to(client.post(RESEND), CODE)  # too old to come again: a new one
    second = code_on_phone(sara)
    assert len(phone(sara)) == 3
    assert client.post(CODE, {"code": first}).status_code == (302 if first == second else 200)
    assert leads_to(client.post(CODE, {"code": second}), ANSWERS)


def test_three_wrong_sets_end_the_run_and_five_a_day_the_recovery(new_client: NewClient) -> None:
    first, second, third = new_client(), new_client(), new_client()
    sara = make_protected()
    begin(first, sara.national_code)
    prove(first, sara)
    pages = set()
    for _ in range(2):
        response = answer(first, WRONG_ANSWERS)
        assert response.status_code == 200
        pages.add(response.context["form"].non_field_errors()[0])
    assert len(pages) == 2  # the tries that are left
    assert leads_to(answer(first, WRONG_ANSWERS), START)
    assert persian("The answers were wrong three times. You can begin again.") in text(first.get(START))
    assert leads_to(answer(first, RIGHT), START)

    advance(minutes=20)
    begin(second, sara.national_code)
    prove(second, sara)
    assert answer(second, WRONG_ANSWERS).status_code == 200
    stopped = answer(second, WRONG_ANSWERS)
    assert stopped.status_code == 429
    assert 86_400 - 3600 < int(stopped.headers["Retry-After"]) <= 86_400  # told by the clock of this process
    assert answer(second, RIGHT).status_code == 429

    # A day less a minute is not a day; the sign-in was never closed.
    advance(hours=23, minutes=59)
    assert leads_to(begin(third, sara.national_code), CODE)
    prove(third, sara)
    assert told_to_wait(third.get(ANSWERS))
    assert answer(third, RIGHT).status_code == 429
    sign_in(first, sara)
    assert signed_in(first)
    advance(minutes=2)
    assert leads_to(answer(third, RIGHT), NEW)


@pytest.mark.parametrize("closed", ["inactive", "disabled", "staff", "no mobile", "no answers"])
def test_who_cannot_recover_here_gets_no_message(client: Client, closed: str) -> None:
    fields: dict[str, dict[str, Any]] = {
        "inactive": {"is_active": False, "activated_at": None},
        "disabled": {"is_active": False},
        "staff": {"is_staff": True},
        "no mobile": {"mobile": ""},
    }
    user = make_account(3) if closed == "no answers" else make_protected(3, **fields[closed])
    assert leads_to(begin(client, user.national_code), CODE)
    assert client.get(CODE).status_code == 200
    assert phone(user) == []
    assert leads_to(client.get(ANSWERS), START)
