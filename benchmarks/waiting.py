"""Drafts that wait for their next step, made as rows, with the browser session that holds each."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.sign_in.session_store import SessionStore
from benchmarks.people import Citizen
from registration.models import RegistrationRequest
from sms.models import OtpChallenge
from sms.otp import codes

PURPOSE = OtpChallenge.Purpose.REGISTRATION


@dataclass(frozen=True)
class Draft:
    session: str
    code: str


def drafts(people: Sequence[Citizen], *, proved: bool, flow: str = "portal", **fields: Any) -> list[Draft]:
    """One for each, before the code or, `proved`, after it; `fields`: what else is saved already.

    Sessions have their copies in Redis for a minute.
    """
    now, nonces = timezone.now(), [codes.new_nonce() for _ in people]
    challenges = OtpChallenge.objects.bulk_create(
        OtpChallenge(
            purpose=PURPOSE,
            mobile=f"+98{citizen.mobile[1:]}",
            national_code=citizen.national_code,
            nonce=nonce,
            expires_at=now + timedelta(minutes=10),
            attempts=int(proved),
            confirmed_at=now if proved else None,
        )
        for citizen, nonce in zip(people, nonces, strict=True)
    )
    rows = RegistrationRequest.objects.bulk_create(
        RegistrationRequest(
            flow=flow,
            national_code=challenge.national_code,
            operator="mci",
            mobile=challenge.mobile,
            challenge=challenge,
            **fields,
        )
        for challenge in challenges
    )
    sessions = [_session(flow, row.pk) for row in rows]
    return [Draft(session, codes.derive(PURPOSE, nonce)) for session, nonce in zip(sessions, nonces, strict=True)]


def _session(flow: str, draft: int) -> str:
    session = SessionStore()
    session.update({f"draft_{flow}": draft, "form_seen": int(time.time())})
    session.save(must_create=True)
    return str(session.session_key)
