"""Limits whose loss does no lasting harm, counted in Redis: sign-in, tracking, taken codes at the first step.

A sliding window per rule and value, checked and counted in one step inside Redis, before whatever is expensive. A
refused event is not counted, so that trying again while refused makes the wait no longer. Keys hold a keyed
fingerprint, never a number of a person. While Redis is away the same events are counted in PostgreSQL
(infra.throttle_rows), so that nobody waits for Redis and nobody guesses for free.
"""

import hmac
import logging
import secrets
from typing import NamedTuple

import redis

from infra import keys, throttle_rows
from infra.limits import LimitReached
from infra.redis import client

log = logging.getLogger(__name__)

# KEYS: one per limit. ARGV: how many events, the first one's token, then per key the number of its pairs and the pairs
# (count, seconds). Answers {0, 0}, or {position of the limit that was reached, milliseconds until there is room}.
# All or nothing; of no event it only says whether there is room for one.
_HIT = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local longest, next_argument, wait, reached = {}, 3, 0, 0
local events = tonumber(ARGV[1])
local wanted = math.max(events, 1)
for position, key in ipairs(KEYS) do
  longest[position] = 0
  for _ = 1, tonumber(ARGV[next_argument]) do
    local allowed, window = tonumber(ARGV[next_argument + 1]), tonumber(ARGV[next_argument + 2]) * 1000
    next_argument = next_argument + 2
    longest[position] = math.max(longest[position], window)
    local left = window
    if wanted <= allowed then
      local deciding = redis.call('ZREVRANGE', key, allowed - wanted, allowed - wanted, 'WITHSCORES')[2]
      left = deciding and tonumber(deciding) + window - now or 0
    end
    if left > wait then
      wait, reached = left, position
    end
  end
  next_argument = next_argument + 1
end
if reached > 0 then return {reached, wait} end
if events == 0 then return {0, 0} end
for position, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - longest[position])
  redis.call('ZADD', key, now, ARGV[2])
  for event = 2, events do
    redis.call('ZADD', key, now, ARGV[2] .. ':' .. event)
  end
  redis.call('PEXPIRE', key, longest[position])
end
return {0, 0}
"""


class Limit(NamedTuple):
    """At most `count` events of `rule` for `value` (a national code, an address) in any `seconds`, for every pair."""

    rule: str
    value: str
    pairs: list[tuple[int, int]]


def hit(rule: str, value: str, pairs: list[tuple[int, int]]) -> str:
    """Count one event or raise LimitReached. Returns a token with which `refund` takes this event back."""
    return hit_all(Limit(rule, value, pairs))


def hit_all(*limits: Limit, events: int = 1) -> str:
    """Count so many events under every limit, or none and raise LimitReached for the limit that lasts longest."""
    token = secrets.token_hex(6)
    numbers = [number for limit in limits for number in (len(limit.pairs), *(n for pair in limit.pairs for n in pair))]
    keys = [_key(limit.rule, limit.value) for limit in limits]
    try:
        reached, milliseconds = client().eval(_HIT, len(keys), *keys, events, token, *numbers)
    except redis.RedisError as error:
        log.warning("limits are counted in PostgreSQL: %s", type(error).__name__)
        counted = [*zip(keys, (limit.pairs for limit in limits), strict=True)]
        reached, milliseconds = throttle_rows.hit(counted, token, events)
    if reached:
        raise LimitReached(limits[reached - 1].rule, max(1, -(-milliseconds // 1000)))
    return token


def check_all(*limits: Limit) -> None:
    """Raise LimitReached where `hit_all` would, and count nothing."""
    hit_all(*limits, events=0)


def refund(rule: str, value: str, token: str) -> None:
    """Take one counted event back: it turned out not to be of the kind that is limited."""
    try:
        client().zrem(_key(rule, value), token)
    except redis.RedisError:
        throttle_rows.refund(_key(rule, value), token)


def refund_all(token: str, *limits: Limit) -> None:
    """The same for an event that was counted under several limits."""
    for limit in limits:
        refund(limit.rule, limit.value, token)


def forget(rule: str, value: str) -> None:
    """Start counting anew for `value`, for example after a successful sign-in."""
    try:
        client().delete(_key(rule, value))
    except redis.RedisError:
        throttle_rows.forget(_key(rule, value))


def _key(rule: str, value: str) -> str:
    secret = keys.accepted(keys.FINGERPRINTS)[0]
    fingerprint = hmac.digest(secret.encode(), f"{rule}\0{value}".encode(), "sha256").hex()[:32]
    return f"limit:{rule}:{fingerprint}"
