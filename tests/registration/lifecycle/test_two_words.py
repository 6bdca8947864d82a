"""What the registry said decides what must have been seen, and by how many, before an account is opened."""

import pytest

from accounts.models import User
from registration.lifecycle import decisions, documents
from registration.lifecycle.documents import NotSeen, OtherFirst, Seen, TwoNeeded
from registration.models import RegistrationRequest, Status
from sms.models import Message
from tests.registration.lifecycle.deciding import clerk, events
from tests.registration.rows import make_request
from tests.threads import together

pytestmark = pytest.mark.django_db

IP = "192.0.2.7"
CARD = ("national_card",)
EVERYTHING = Seen(mobile="آنتن ندارد", documents=CARD, fields=RegistrationRequest.IDENTITY_FIELDS)
DIFFERS = {"first_name": "mismatch", "birth_date": "similar", "last_name": "match", "gender": "absent"}


def mismatch(
    identity: str = "mismatch", number: int = 41, findings: dict[str, str] | None = None
) -> RegistrationRequest:
    return make_request(number, Status.MISMATCH, identity=identity, findings=findings or {})


def untouched(request: RegistrationRequest) -> bool:
    request.refresh_from_db()
    opened = User.objects.filter(national_code=request.national_code).exists() or Message.objects.exists()
    return request.status == Status.MISMATCH and not opened


@pytest.mark.parametrize(
    ("seen", "documents_lack", "fields"),
    [
        (Seen(mobile="آنتن ندارد"), True, ["first_name", "birth_date"]),
        (Seen(mobile="آنتن ندارد", documents=CARD), False, ["first_name", "birth_date"]),
        (Seen(mobile="آنتن ندارد", documents=CARD, fields=["first_name", "gender"]), False, ["birth_date"]),
        (Seen(mobile="آنتن ندارد", fields=["first_name", "birth_date"]), True, []),
    ],
)
def test_every_field_that_differs_is_compared_with_documents_that_are_named(
    seen: Seen, documents_lack: bool, fields: list[str]
) -> None:
    request = mismatch(findings=DIFFERS)
    with pytest.raises(NotSeen) as lacking:
        decisions.activate(request.pk, by=clerk(), client_ip=IP, seen=seen)
    assert lacking.value.documents == documents_lack
    assert sorted(lacking.value.fields) == sorted(fields)
    assert untouched(request)
    assert events(request) == []


def test_with_all_of_them_compared_one_clerk_is_enough() -> None:
    request = mismatch(findings=DIFFERS)
    seen = Seen(mobile="آنتن ندارد", documents=CARD, fields=["first_name", "birth_date"])
    decisions.activate(request.pk, by=clerk(), client_ip=IP, seen=seen, words="کارت ملی")
    assert events(request) == [("documents_seen", "mismatch", "activated")]
    assert User.objects.get(national_code=request.national_code).is_active


def test_a_document_that_is_none_is_refused() -> None:
    request = mismatch()
    with pytest.raises(ValueError, match="library_card"):
        decisions.activate(
            request.pk, by=clerk(), client_ip=IP, seen=Seen(mobile="آنتن ندارد", documents=["library_card"])
        )
    assert untouched(request)


@pytest.mark.parametrize("identity", ["deceased", "not_found"])
def test_the_dead_and_the_unknown_need_two_persons(identity: str) -> None:
    request, mina, ali = mismatch(identity), clerk(), clerk(901)

    with pytest.raises(TwoNeeded):  # not even the one who ticked everything
        decisions.activate(request.pk, by=mina, client_ip=IP, seen=EVERYTHING)
    with pytest.raises(TwoNeeded):  # nor is the second word the first one
        decisions.give_second_word(request.pk, by=ali, client_ip=IP, seen=EVERYTHING, words="")
    assert documents.first_word(request) is None
    decisions.give_first_word(request.pk, by=mina, client_ip=IP, seen=EVERYTHING, words="شناسنامه")
    first = documents.first_word(request)
    assert first is not None
    assert (first.actor, first.words, first.client_network) == (mina, "شناسنامه", "192.0.2.0")
    assert untouched(request)

    with pytest.raises(TwoNeeded):  # nobody is two persons
        decisions.give_second_word(request.pk, by=mina, client_ip=IP, seen=EVERYTHING, words="")
    with pytest.raises(OtherFirst):
        decisions.give_first_word(request.pk, by=ali, client_ip=IP, seen=EVERYTHING, words="")
    with pytest.raises(NotSeen):  # who has not looked has no word
        decisions.give_second_word(request.pk, by=ali, client_ip=IP, seen=Seen(mobile="آنتن ندارد"), words="")
    assert untouched(request)

    decisions.give_second_word(request.pk, by=ali, client_ip=IP, seen=EVERYTHING, words="گذرنامه")
    request.refresh_from_db()
    assert (request.status, request.password_hash) == ("activated", "")
    assert User.objects.get(national_code=request.national_code).is_active
    assert events(request) == [("first_word", "mismatch", "mismatch"), ("second_word", "mismatch", "activated")]
    assert [event.actor for event in request.events.order_by("pk")] == [mina, ali]
    assert Message.objects.get().purpose == "desk_decision"


def test_whom_the_registry_does_not_know_is_compared_whole() -> None:
    request = mismatch("not_found")
    assert documents.to_compare(request) == list(RegistrationRequest.IDENTITY_FIELDS)
    with pytest.raises(NotSeen) as lacking:
        decisions.give_first_word(
            request.pk, by=clerk(), client_ip=IP, seen=Seen(mobile="آنتن ندارد", documents=CARD), words=""
        )
    assert lacking.value.fields == list(RegistrationRequest.IDENTITY_FIELDS)


def test_one_word_is_enough_for_everybody_else() -> None:
    mina = clerk()
    for request in (mismatch(), make_request(42, Status.BRANCH)):
        assert not documents.needs_two(request)
        with pytest.raises(ValueError, match=r"^one word is enough"):
            decisions.give_first_word(request.pk, by=mina, client_ip=IP, seen=EVERYTHING, words="")


def test_after_the_first_word_the_request_can_still_be_refused_or_superseded() -> None:
    refused, replaced, mina = mismatch("deceased"), mismatch("deceased", 42), clerk()
    for request in (refused, replaced):
        decisions.give_first_word(request.pk, by=mina, client_ip=IP, seen=EVERYTHING, words="")
    decisions.reject(refused.pk, by=mina, words="doubt", client_ip=IP)
    decisions.supersede(replaced.national_code)
    for request in (refused, replaced):
        with pytest.raises(decisions.AlreadyDecided):
            decisions.give_second_word(request.pk, by=clerk(901), client_ip=IP, seen=EVERYTHING, words="")
        User.objects.filter(pk__gt=mina.pk).delete()


@pytest.mark.django_db(transaction=True)
def test_of_many_first_words_at_one_moment_one_is_kept() -> None:
    request, mina = mismatch("deceased"), clerk()

    def give() -> str:
        try:
            decisions.give_first_word(request.pk, by=mina, client_ip=IP, seen=EVERYTHING, words="")
        except OtherFirst:
            return "told"
        return "kept"

    assert sorted(map(str, together(give, 4))) == ["kept", "told", "told", "told"]
    assert events(request) == [("first_word", "mismatch", "mismatch")]
