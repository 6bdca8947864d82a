"""At the same moment: a code and a refresh token are used once at most, whoever else tries. And Redis away.

Who comes second ends what came of the first, who may not have got an answer by then.
"""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from sso.models import Authorization
from tests.accounts.helpers import sign_in
from tests.sso.relying import EVERYTHING, Relying, agreed, make_service
from tests.threads import together

AT_ONCE = 8


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_bring_one_code_one_at_most_gets_tokens_and_then_nobody_has_any(person: User) -> None:
    browser, relying = Client(), Relying(make_service())
    agreed(person, relying.service)
    sign_in(browser, person)
    code = relying.code(browser)
    answers: list[Any] = together(lambda: relying.redeem(code), AT_ONCE)
    got = [answer.json()["access_token"] for answer in answers if answer.status_code == 200]
    assert len(got) <= 1
    assert {answer.json()["error"] for answer in answers if answer.status_code != 200} == {"invalid_grant"}
    assert [token for token in got if relying.userinfo(token).status_code != 401] == []
    assert Authorization.objects.get().ended_at is not None


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_bring_one_refresh_token_one_at_most_gets_another(person: User) -> None:
    browser, relying = Client(), Relying(make_service(scopes=EVERYTHING))
    agreed(person, relying.service, "openid offline_access")
    sign_in(browser, person)
    token = relying.tokens(browser, scope="openid offline_access")["refresh_token"]
    answers: list[Any] = together(lambda: relying.refresh(token), AT_ONCE)
    got = [answer.json()["access_token"] for answer in answers if answer.status_code == 200]
    assert len(got) <= 1
    assert [token for token in got if relying.userinfo(token).status_code != 401] == []
    assert Authorization.objects.get().ended_at is not None


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_away")
def test_without_redis_all_goes_on(browser: Client, connected: Relying) -> None:
    got = connected.tokens(browser)
    assert connected.userinfo(got["access_token"]).status_code == 200
    assert connected.redeem("nothing").status_code == 400
    connected.send(browser, prompt="login")
    browser.post("/accounts/logout/")
    assert connected.userinfo(got["access_token"]).status_code == 401


@pytest.mark.django_db
def test_statements_do_not_grow(browser: Client, connected: Relying, django_assert_max_num_queries: Any) -> None:
    """What one more sign-in at a service costs: where somebody is sent, and where tokens are asked for; ten in all."""
    connected.tokens(browser)
    with django_assert_max_num_queries(6):
        code = connected.code(browser)
    with django_assert_max_num_queries(4):
        got = connected.redeem(code).json()
    with django_assert_max_num_queries(1):
        assert connected.userinfo(got["access_token"]).status_code == 200
