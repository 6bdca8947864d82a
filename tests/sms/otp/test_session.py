"""A challenge that a browser session holds: bound to what it was begun for, replaced when it is dead, over in time."""

import pytest
from django.contrib.sessions.backends.base import SessionBase

from infra.limits import LimitReached
from sms.models import Message, OtpChallenge
from sms.otp import challenge as otp
from sms.otp import session as otp_session
from tests import clock
from tests.people import national_code
from tests.sms.otp.challenges import CLIENT_IP, MOBILE, NATIONAL_CODE, right_code

pytestmark = pytest.mark.django_db

WANTED = {"purpose": "device", "mobile": MOBILE, "national_code": NATIONAL_CODE}
OTHERS = [{"purpose": "recovery"}, {"mobile": "+989120000002"}, {"national_code": national_code(2)}]


def begin(before: OtpChallenge | None = None, **changes: str) -> OtpChallenge:
    return otp_session.begin(before, **{**WANTED, **changes}, client_ip=CLIENT_IP)


def held(challenge: OtpChallenge, **changes: str) -> OtpChallenge | None:
    return otp_session.held(challenge.pk, **{**WANTED, **changes})


def test_who_asks_again_for_the_same_goes_on_with_the_same_code() -> None:
    challenge = begin()
    assert begin(challenge) == challenge
    assert Message.objects.count() == 1


def test_a_dead_challenge_makes_way_for_a_new_one() -> None:
    challenge = begin()
    clock.advance(minutes=11)
    challenge.refresh_from_db()
    assert begin(challenge) != challenge


@pytest.mark.parametrize("changes", OTHERS)
def test_a_challenge_serves_only_what_it_was_begun_for(changes: dict[str, str]) -> None:
    challenge = begin()
    assert held(challenge) == challenge
    assert held(challenge, **changes) is None
    clock.advance(minutes=3)
    other = begin(challenge, **changes)
    assert other != challenge
    assert held(other, **changes) == other


def test_who_has_no_mobile_goes_on_with_a_pretended_challenge_too() -> None:
    challenge = begin(mobile="")
    assert not challenge.nonce
    assert begin(challenge, mobile="") == challenge
    clock.advance(minutes=3)
    assert begin(challenge).mobile == MOBILE, "an account that was opened meanwhile"


def test_a_session_holds_the_one_whose_id_it_has() -> None:
    first = begin()
    clock.advance(minutes=3)
    second = begin(mobile="+989120000002")
    for challenge in (first, second):
        whatever_mobile = otp_session.held(challenge.pk, purpose="device", national_code=NATIONAL_CODE)
        assert whatever_mobile == held(challenge, mobile=challenge.mobile) == challenge
    assert otp_session.held(second.pk + 1, **WANTED) is None


def test_a_session_without_an_id_holds_nothing() -> None:
    begin()
    assert otp_session.held(None, **WANTED) is None


def test_codes_that_are_sent_again_make_nobodys_half_hour_longer() -> None:
    """Else a password that was right once would be good for as long as somebody asks for codes."""
    kept = [begin()]
    for _ in range(2):
        clock.advance(minutes=11)  # the code is over, so the next one is another challenge's
        otp_session.resend(OtpChallenge.objects.get(pk=kept[-1].pk), CLIENT_IP, kept.append)
    assert len({challenge.pk for challenge in kept}) == 3
    assert held(kept[-1]) == OtpChallenge.objects.get(pk=kept[-1].pk)
    clock.advance(minutes=9)
    assert held(kept[-1]) is None, "31 minutes after the first"
    assert held(begin()) is not None, "who begins anew has half an hour"


def test_a_challenge_is_over_after_half_an_hour() -> None:
    challenge = begin()
    clock.advance(minutes=29)
    assert held(challenge) == challenge
    clock.advance(minutes=2)
    assert held(challenge) is None


def test_a_challenge_that_was_used_up_is_held_no_more() -> None:
    challenge = begin()
    otp.confirm(challenge, right_code(challenge))
    assert held(challenge) == challenge
    assert otp.consume(challenge.pk)
    assert held(challenge) is None


def test_only_another_challenge_is_kept_after_sending_again() -> None:
    challenge = begin()
    kept: list[OtpChallenge] = []
    clock.advance(minutes=3)
    otp_session.resend(challenge, CLIENT_IP, kept.append)
    assert kept == []
    clock.advance(minutes=8)
    otp_session.resend(challenge, CLIENT_IP, kept.append)
    assert kept == [OtpChallenge.objects.latest("pk")] != [challenge]


def test_the_code_is_read_out_only_for_who_asks_for_that_and_only_after_texts_in_vain() -> None:
    challenge = begin()
    for asked in ({"by_voice": True}, {}, {}, {"by_voice": True}):
        clock.advance(minutes=6)
        otp_session.resend(challenge, CLIENT_IP, lambda _: None, **asked)

    messages = Message.objects.order_by("pk").values_list("by_voice", "client_ip")
    assert list(messages) == [(voice, CLIENT_IP) for voice in (False, False, False, False, True)]


def test_a_new_challenge_that_cannot_be_kept_was_never_begun() -> None:
    challenge = begin()
    clock.advance(minutes=11)

    def fails(current: OtpChallenge) -> None:
        raise LookupError(current)

    with pytest.raises(LookupError):
        otp_session.resend(challenge, CLIENT_IP, fails)
    assert OtpChallenge.objects.get() == challenge
    assert Message.objects.count() == 1


def test_a_code_that_must_wait_is_held_back_and_leaves_when_it_is_asked_for() -> None:
    first, second = begin(), begin()
    assert (first.is_held, second.is_held) == (False, True)
    assert Message.objects.count() == 1
    with pytest.raises(LimitReached) as refused:
        otp_session.resend(second, CLIENT_IP, lambda _: None)
    assert refused.value.retry_after == 120
    session = SessionBase()
    for challenge in (first, second):
        otp_session.keep_held(session, challenge)
        assert otp_session.is_held(session, challenge) is challenge.is_held
    assert not otp_session.is_held(session, first), "another one"
    clock.advance(minutes=2, seconds=1)
    otp_session.resend(OtpChallenge.objects.get(pk=second.pk), CLIENT_IP, lambda _: None)
    assert Message.objects.count() == 2
    second.confirmed_at = second.created_at
    assert not otp_session.is_held(session, second)
    second.confirmed_at = None
    for _ in range(2):
        otp_session.sent(session)
        assert not otp_session.is_held(session, second)
