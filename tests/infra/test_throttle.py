"""Counting in Redis: exact under parallel requests, nobody kept out by knocking, closed when it cannot be counted."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from django.conf import settings

from infra import redis as infra_redis
from infra import throttle
from infra.limits import LimitReached
from sms.models import LimitEvent
from sms.otp import retention
from tests import clock
from tests.accounts.helpers import age_limits
from tests.conftest import COUNTING
from tests.people import national_code
from tests.threads import together

MINUTE = [(3, 60)]


def hits_until_refused(rule: str, value: str, pairs: list[tuple[int, int]]) -> tuple[int, LimitReached]:
    for passed in range(100):
        try:
            throttle.hit(rule, value, pairs)
        except LimitReached as refusal:
            return passed, refusal
    raise AssertionError("no limit in a hundred events")


def milliseconds() -> int:
    seconds, microseconds = infra_redis.client().time()
    return int(seconds) * 1000 + int(microseconds) // 1000


def test_so_many_and_no_more() -> None:
    passed, refusal = hits_until_refused("tracking", "a", MINUTE)
    assert passed == 3
    assert refusal.rule == "tracking"
    assert refusal.retry_after == 60
    assert not refusal.busy


def test_rules_and_values_are_counted_apart() -> None:
    hits_until_refused("tracking", "a", MINUTE)
    assert hits_until_refused("tracking", "b", MINUTE)[0] == 3
    assert hits_until_refused("other", "a", MINUTE)[0] == 3


def test_the_window_slides() -> None:
    throttle.hit("tracking", "a", MINUTE)
    age_limits(50)
    throttle.hit("tracking", "a", MINUTE)
    throttle.hit("tracking", "a", MINUTE)
    with pytest.raises(LimitReached) as refused:
        throttle.hit("tracking", "a", MINUTE)
    assert refused.value.retry_after == 10
    age_limits(10)
    throttle.hit("tracking", "a", MINUTE)
    with pytest.raises(LimitReached):
        throttle.hit("tracking", "a", MINUTE)


def test_knocking_on_a_closed_door_does_not_keep_it_closed() -> None:
    for _ in range(3):
        throttle.hit("tracking", "a", MINUTE)
    age_limits(59)
    for _ in range(20):
        with pytest.raises(LimitReached):
            throttle.hit("tracking", "a", MINUTE)
    age_limits(1)
    throttle.hit("tracking", "a", MINUTE)


def test_longer_rules_hold_after_shorter_ones_have_passed() -> None:
    pairs = [(5, 60), (10, 900), (20, 3600)]
    waits = []
    for _ in range(4):
        passed, refusal = hits_until_refused("sign-in", "a", pairs)
        waits.append((passed, refusal.retry_after))
        age_limits(61)
    first, tenth = 60, 900 - 61  # each reckoned from the first failure
    assert waits == [(5, first), (5, tenth), (0, tenth - 61), (0, tenth - 2 * 61)]


def test_several_limits_count_all_or_nothing() -> None:
    address = throttle.Limit("sign-in-ip", "192.0.2.1", [(5, 60)])
    for _ in range(3):
        throttle.hit_all(throttle.Limit("sign-in-national-code", "a", MINUTE), address)
    for _ in range(10):
        with pytest.raises(LimitReached) as refused:
            throttle.hit_all(throttle.Limit("sign-in-national-code", "a", MINUTE), address)
        assert refused.value.rule == "sign-in-national-code"
    throttle.hit_all(throttle.Limit("sign-in-national-code", "b", MINUTE), address)
    throttle.hit_all(throttle.Limit("sign-in-national-code", "b", MINUTE), address)
    with pytest.raises(LimitReached) as refused:
        throttle.hit_all(throttle.Limit("sign-in-national-code", "b", MINUTE), address)
    assert refused.value.rule == "sign-in-ip"
    assert hits_until_refused("sign-in-national-code", "b", MINUTE)[0] == 1


def test_a_refund_takes_back_one_event_and_forgetting_all() -> None:
    tokens = [throttle.hit("tracking", "a", MINUTE) for _ in range(3)]
    throttle.refund("tracking", "a", tokens[0])
    assert hits_until_refused("tracking", "a", MINUTE)[0] == 1
    throttle.forget("tracking", "a")
    assert hits_until_refused("tracking", "a", MINUTE)[0] == 3


def test_parallel_requests_do_not_all_see_the_last_free_place() -> None:
    def try_once(_: int) -> bool:
        try:
            throttle.hit("sign-in", "a", [(5, 60)])
        except LimitReached:
            return False
        return True

    with ThreadPoolExecutor(30) as pool:
        assert sum(pool.map(try_once, range(60))) == 5


def test_it_counts_by_the_clock_of_redis_and_keys_end_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "_HIT", COUNTING)
    before = milliseconds()
    event = throttle.hit("tracking", national_code(1), [(3, 60), (9, 900)])
    (key,) = infra_redis.client().scan_iter("limit:*")
    ends = infra_redis.client().pexpiretime(key)
    assert national_code(1) not in key.decode()
    counted = infra_redis.client().zscore(key, event)
    assert isinstance(counted, float)
    assert before <= counted <= ends - 900_000 <= milliseconds()


def test_a_lost_connection_is_made_again() -> None:
    throttle.hit("tracking", "a", MINUTE)
    client = infra_redis.client()
    mine = client.client_id()
    with redis.Redis.from_url(settings.REDIS_URL) as other:
        other.client_kill_filter(_id=str(mine))
    throttle.hit("tracking", "a", MINUTE)
    assert client.client_id() != mine


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_away")
class TestWithoutRedis:
    """The same rules, counted in rows."""

    def test_so_many_and_no_more(self) -> None:
        passed, refusal = hits_until_refused("tracking", "a", MINUTE)
        assert (passed, refusal.rule, refusal.retry_after) == (3, "tracking", 60)
        assert hits_until_refused("tracking", "b", MINUTE)[0] == 3

    def test_the_window_slides_and_the_longest_wait_is_told(self) -> None:
        throttle.hit("tracking", "a", MINUTE)
        clock.advance(seconds=50)
        throttle.hit_all(throttle.Limit("tracking", "a", MINUTE), throttle.Limit("other", "a", [(1, 900)]))
        throttle.hit("tracking", "a", MINUTE)
        with pytest.raises(LimitReached) as refused:
            throttle.hit_all(throttle.Limit("tracking", "a", MINUTE), throttle.Limit("other", "b", [(1, 900)]))
        assert (refused.value.rule, refused.value.retry_after) == ("tracking", 10)
        with pytest.raises(LimitReached) as refused:
            throttle.hit_all(throttle.Limit("tracking", "a", MINUTE), throttle.Limit("other", "a", [(1, 900)]))
        assert (refused.value.rule, refused.value.retry_after) == ("other", 900)
        clock.advance(seconds=10)
        throttle.hit("tracking", "a", MINUTE)

    def test_a_refund_takes_back_one_event_and_forgetting_all(self) -> None:
        tokens = [throttle.hit("tracking", "a", MINUTE) for _ in range(3)]
        throttle.refund("tracking", "a", tokens[0])
        assert hits_until_refused("tracking", "a", MINUTE)[0] == 1
        throttle.forget("tracking", "a")
        assert hits_until_refused("tracking", "a", MINUTE)[0] == 3

    def test_no_number_of_a_person_is_kept(self) -> None:
        throttle.hit("tracking", national_code(1), MINUTE)
        assert national_code(1) not in str(LimitEvent.objects.values_list())

    def test_what_no_limit_counts_any_more_is_deleted(self) -> None:
        throttle.hit("tracking", "a", MINUTE)
        clock.advance(hours=24 * 30 - 1)
        retention.purge_limit_events()
        assert LimitEvent.objects.count() == 1
        clock.advance(hours=2)
        retention.purge_limit_events()
        assert LimitEvent.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_parallel_requests_without_redis_do_not_all_see_the_last_free_place(redis_away: None) -> None:
    answers = together(lambda: throttle.hit("sign-in", "a", [(5, 60)]), 20)
    assert sum(isinstance(answer, str) for answer in answers) == 5


def counted_together() -> None:
    """Several events at once are all counted or none; a check counts nothing and says what the next event would."""
    limit = throttle.Limit("hashes", "a", [(5, 60)])
    throttle.hit_all(limit, events=2)
    throttle.hit_all(limit, events=2)
    with pytest.raises(LimitReached) as refused:
        throttle.hit_all(limit, events=2)
    assert refused.value.retry_after == 60
    for _ in range(3):
        throttle.check_all(limit)
    throttle.hit_all(limit)
    for act in (throttle.check_all, throttle.hit_all):
        with pytest.raises(LimitReached, match=r"^hashes$"):
            act(limit)
    with pytest.raises(LimitReached, match=r"^more$"):
        throttle.hit_all(throttle.Limit("more", "a", [(5, 60)]), events=6)
    throttle.hit_all(throttle.Limit("more", "a", [(5, 60)]), events=5)


def test_several_events_at_once_count_all_or_nothing_and_a_check_counts_nothing() -> None:
    counted_together()


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_away")
def test_while_redis_is_away_they_do_so_too() -> None:
    counted_together()
