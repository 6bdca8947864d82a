import pytest
from django.db.models.functions import Now
from pytest_django import Settings

from infra.limits import LimitReached, client_ip_key, wide_network
from sms.limits.sends import seconds_until_resend
from sms.models import Message, OtpChallenge
from tests import clock
from tests.people import national_code
from tests.sms.otp.challenges import CLIENT_IP, MOBILE, NATIONAL_CODE, begin, others, refused
from tests.threads import behind

pytestmark = pytest.mark.django_db

OTHER_MOBILE, OTHER_NATIONAL_CODE, OTHER_CLIENT_IP = "+989120000002", national_code(2), "203.0.113.9"


# ── per mobile ──


def test_one_code_in_120_seconds() -> None:
    begin()
    clock.advance(seconds=100)

    limit = refused()
    assert (limit.rule, limit.busy) == ("sends-per-mobile", False)
    assert limit.retry_after == 20
    clock.advance(seconds=limit.retry_after)
    assert begin().pk


@pytest.mark.parametrize("purpose", ["registration", "recovery", "device", "mobile_change"])
@pytest.mark.parametrize(
    ("sent", "minutes_apart", "window"), [(3, 2.1, 900), (5, 6, 3600), (8, 61, 86_400)], ids=["15 min", "hour", "day"]
)
def test_each_longer_window_of_a_mobile(purpose: str, sent: int, minutes_apart: float, window: int) -> None:
    for number in range(sent):
        begin(purpose=purpose, client_ip=f"192.0.2.{number + 1}")
        clock.advance(minutes=minutes_apart)

    limit = refused(lambda: begin(purpose=purpose, client_ip=OTHER_CLIENT_IP))
    assert limit.rule == "sends-per-mobile"
    first_leaves_in = window - sent * minutes_apart * 60
    assert limit.retry_after == first_leaves_in
    clock.advance(seconds=limit.retry_after)
    assert begin(purpose=purpose, client_ip=OTHER_CLIENT_IP).pk


def test_what_needs_nothing_shown_counts_by_the_pair_and_all_pairs_of_a_mobile_are_sixteen_a_day() -> None:
    for number in range(16):
        begin(national_code=national_code(number % 2), client_ip=f"192.0.2.{number + 1}")
        clock.advance(minutes=61)

    limit = refused(lambda: begin(national_code=OTHER_NATIONAL_CODE, client_ip=OTHER_CLIENT_IP))
    assert limit.retry_after == 86_400 - 16 * 61 * 60
    clock.advance(seconds=limit.retry_after)
    assert begin(national_code=OTHER_NATIONAL_CODE, client_ip=OTHER_CLIENT_IP).pk


def test_changes_of_a_mobile_are_told_by_the_pair_and_sixteen_a_day_leave_over_all_pairs() -> None:
    for number in range(20):
        begin(purpose="mobile_change", national_code=national_code(number % 4), client_ip=f"192.0.2.{number + 1}")
        clock.advance(minutes=31)

    assert Message.objects.exclude(state="cancelled").count() == 16
    assert seconds_until_resend(begin(purpose="mobile_change", national_code=national_code(9))) == 120


@pytest.mark.parametrize("purpose", ["device", "reauthentication"])
def test_whose_mobile_is_the_accounts_own_counts_by_it_alone(purpose: str) -> None:
    for number in range(3):
        begin(purpose=purpose, national_code=national_code(number))
        clock.advance(minutes=3)

    assert refused(lambda: begin(purpose=purpose, national_code=OTHER_NATIONAL_CODE)).retry_after == 900 - 540


def test_wait_that_is_named_is_the_longest_one() -> None:
    """The 120 seconds and the quarter of an hour are both reached: who comes back in time is not refused again."""
    for _ in range(2):
        begin()
        clock.advance(seconds=125)
    begin()

    limit = refused()
    assert limit.retry_after == 900 - 2 * 125
    clock.advance(seconds=limit.retry_after)
    assert begin().pk


def test_results_and_notices_count_for_nobody() -> None:
    for number in range(30):
        Message.objects.create(
            recipient=MOBILE,
            purpose="result",
            template="activated_portal",
            reference=f"request:{number}",
            client_ip=CLIENT_IP,
        )

    assert begin().pk


def test_what_may_have_arrived_counts_though_it_expired() -> None:
    begin()
    Message.objects.update(state="expired", code_nonce=None, send_at=None, first_attempt_at=Now())

    assert refused().rule == "sends-per-mobile"


def test_what_surely_never_went_out_makes_nobody_wait_and_what_only_did_not_arrive_does() -> None:
    challenge = begin()
    Message.objects.update(state="failed", code_nonce=None, send_at=None)
    assert seconds_until_resend(challenge) == 0
    again = begin()

    Message.objects.filter(code_nonce__isnull=False).update(
        state="undelivered", code_nonce=None, send_at=None, accepted_at=Now()
    )

    assert seconds_until_resend(again) == refused().retry_after == 120


def test_one_mobile_never_waits_for_another() -> None:
    begin()

    assert begin(mobile=OTHER_MOBILE).pk


def test_a_recovery_to_the_old_mobile_makes_a_text_to_the_new_one_wait_no_longer() -> None:
    begin(purpose="recovery", mobile=OTHER_MOBILE)

    begin(purpose="registration")

    message = Message.objects.latest("pk")
    assert (message.recipient, message.send_at) == (MOBILE, message.created_at)


# ── per address ──


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:DB8:1:2::", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("::1", "::"),
        ("fe80::1%eth0", "fe80::"),
    ],
)
def test_what_counts_as_one_address(address: str, key: str) -> None:
    assert client_ip_key(address) == key


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "198.51.100.0"),
        ("::ffff:198.51.100.7", "198.51.100.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("2001:db8:2::1", "2001:db8:2::"),
    ],
)
def test_what_counts_as_one_wider_network(address: str, network: str) -> None:
    assert wide_network(address) == network


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("198.51.100.7", "::ffff:198.51.100.7", True),
        ("198.51.100.7", "198.51.100.8", False),
    ],
)
def test_neighbours_in_one_network_share_its_limit(one: str, other: str, shared: bool, settings: Settings) -> None:
    settings.LIMIT_UNCONFIRMED_PER_IP = [(1, 300)]
    begin(**others(1) | {"client_ip": one})

    if shared:
        assert refused(lambda: begin(**others(2) | {"client_ip": other})).rule == "unconfirmed-per-ip"
    else:
        assert begin(**others(2) | {"client_ip": other}).pk


# ── the countdown ──


def test_seconds_until_resend() -> None:
    challenge = begin()
    assert seconds_until_resend(challenge) == 120
    clock.advance(seconds=70)
    assert seconds_until_resend(challenge) == 50
    begin(purpose="device")
    assert seconds_until_resend(challenge) == 50, "of a text for something else nothing is told"
    clock.advance(seconds=51)
    assert seconds_until_resend(challenge) == 0


def test_the_button_of_a_recovery_waits_for_recoveries_of_this_person() -> None:
    challenge = begin(purpose="recovery")
    clock.advance(seconds=20)
    begin(purpose="recovery", national_code=OTHER_NATIONAL_CODE)
    assert seconds_until_resend(challenge) == 100


def test_limits_are_settings(settings: Settings) -> None:
    settings.LIMIT_SENDS_PER_MOBILE = [(4, 3600), (2, 30)]
    first = begin()
    assert seconds_until_resend(first) == 0
    begin()

    limit = refused()
    assert limit.retry_after == 30 == seconds_until_resend(first)  # the shortest window, wherever it stands
    for number in range(6):
        clock.advance(seconds=31)
        begin(national_code=national_code(7 + number // 3))
    assert refused(lambda: begin(national_code=OTHER_NATIONAL_CODE)).retry_after == 3600 - 6 * 31  # twice four


# ── at once ──


COUNTED = {
    f"mobile {MOBILE}": ("registration", {"recipient": MOBILE}, "sends-per-mobile"),
    f"national code {NATIONAL_CODE}": ("recovery", {"national_code": NATIONAL_CODE}, "sends-per-mobile"),
    f"sender {CLIENT_IP}": ("registration", {"client_ip": CLIENT_IP}, "unconfirmed-per-ip"),
    "sender network 198.51.100.0": ("registration", {"client_network": "198.51.100.0"}, "unconfirmed-per-network"),
    "the last unconfirmed codes": ("registration", {}, "unconfirmed"),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("lock", COUNTED)
def test_whoever_counts_sees_what_is_committed_while_the_lock_is_held(lock: str, settings: Settings) -> None:
    """The other code takes the last place. Without the lock, or with a look from before it was granted, both left."""
    purpose, same, rule = COUNTED[lock]
    settings.LIMIT_UNCONFIRMED_PER_IP = settings.LIMIT_UNCONFIRMED_PER_NETWORK = [(1, 300)]
    settings.LIMIT_UNCONFIRMED = [(1, 300)] if rule == "unconfirmed" else [(2000, 300)]
    somebody = {"recipient": "+989120000099", "national_code": national_code(99), "client_ip": "192.0.2.99"}
    other = somebody | {"client_network": "192.0.2.0"} | same

    def send() -> None:
        over = {"state": "expired", "first_attempt_at": Now(), "send_at": None}
        Message.objects.create(purpose=purpose, template="code", unconfirmed=True, **over, **other)

    with pytest.raises(LimitReached, match=f"^{rule}$"):
        behind(lock, lambda: begin(purpose=purpose), send)
    assert Message.objects.count() == 1
    assert not OtpChallenge.objects.exists()
