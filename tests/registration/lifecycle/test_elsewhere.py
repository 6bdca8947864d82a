"""Nobody decides about a request of another province without a reason to open it, by whatever verb."""

from collections.abc import Callable

import pytest

from accounts.models import Branch, User
from registration.lifecycle import decisions, scope
from registration.lifecycle.documents import Seen
from registration.models import RegistrationRequest, Status
from tests.registration.lifecycle.deciding import clerk, events
from tests.registration.rows import make_request

pytestmark = pytest.mark.django_db

IP = "192.0.2.7"
SEEN = Seen(mobile="آنتن ندارد", documents=["passport"], fields=RegistrationRequest.IDENTITY_FIELDS)
Act = Callable[[RegistrationRequest, User], object]
VERBS: dict[str, tuple[str, Act]] = {
    "activate": ("mismatch", lambda one, by: decisions.activate(one.pk, by=by, client_ip=IP, seen=SEEN)),
    "reject": ("mismatch", lambda one, by: decisions.reject(one.pk, by=by, client_ip=IP, words="doubt")),
    "first word": (
        "deceased",
        lambda one, by: decisions.give_first_word(one.pk, by=by, client_ip=IP, seen=SEEN, words="x"),
    ),
    "second word": (
        "deceased",
        lambda one, by: decisions.give_second_word(one.pk, by=by, client_ip=IP, seen=SEEN, words="x"),
    ),
}


@pytest.mark.parametrize("verb", VERBS)
def test_only_who_is_of_the_province_or_has_a_reason_decides(verb: str) -> None:
    identity, act = VERBS[verb]
    request, other = (make_request(n, Status.MISMATCH, identity=identity, province="فارس") for n in (41, 42))
    branch = Branch.objects.create(code="71", name="شعبهٔ شیراز", province="فارس", city="شیراز")
    at_home, stranger, third = clerk(), clerk(901), clerk(902)
    User.objects.filter(pk=at_home.pk).update(branch=branch)
    at_home.refresh_from_db()
    if verb == "second word":
        for one in (request, other):
            scope.reach(one, by=third, client_ip=IP, words="called")
            decisions.give_first_word(one.pk, by=third, client_ip=IP, seen=SEEN, words="x")
    before = events(request)

    with pytest.raises(scope.Elsewhere):
        act(request, stranger)
    assert events(request) == before
    act(other, at_home)
    scope.reach(request, by=stranger, client_ip=IP, words="the applicant is here")
    act(request, stranger)
    assert len(events(request)) == len(before) + 2
