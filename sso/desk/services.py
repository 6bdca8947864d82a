"""A service is entered, changed, opened and closed, each time with an event. Docs: docs/services.md, going live.

Who opens it took no part in what was entered and changed. A change of an open service, and a new secret, put it back
to where somebody else must open it again: until then nobody signs in there.
"""

import secrets
from typing import Any

from django.db import transaction

from accounts.models import User
from infra import security_log
from sso.endings import ends
from sso.models import Service, ServiceEvent
from sso.protocol import tokens

Kind, State = ServiceEvent.Kind, Service.State
SECRET_BYTES = 32
# What may be changed without opening it anew. No address: people are led there.
WORDS = ("name_fa", "name_en", "description_fa", "description_en", "keys_end_on")
CHANGED = (
    *WORDS,
    *("address", "initiate_login_uri"),
    *("auth_method", "jwks", "redirect_uris", "post_logout_uris", "backchannel_uri", "scopes", "id_token_alg"),
    *("lowest_acr", "identity_checks"),
)


class RefusedError(Exception):
    """It may not be done now; the text says why, and is for the desk."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def enter(service: Service, actor: User) -> None:
    """Keep a new service, under a client_id of its own."""
    service.client_id = f"svc-{secrets.token_hex(8)}"
    service.state, service.entered_by = State.DRAFT, actor
    with transaction.atomic():
        service.save()
        _note(service, actor, Kind.ENTERED)


def change(service: Service, actor: User) -> None:
    """Keep a service as it is now. What was changed is what differs from the row, whatever a form says."""
    with transaction.atomic():
        before = _held(service)
        names = [name for name in CHANGED if getattr(before, name) != getattr(service, name)]
        if not names:
            return
        anew = before.state == State.CLOSED or set(names) - set(WORDS)
        service.state = State.DRAFT if anew else before.state
        service.save(update_fields=[*names, "state"])
        _note(service, actor, Kind.CHANGED, ", ".join(names)[:300])
        if service.state not in Service.alive():
            ends.close(service)


def new_secret(service: Service, actor: User) -> str:
    """Give the service a new secret: told once, kept as its hash. What was given to it ends. Raises RefusedError."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        if _held(service).auth_method not in Service.SECRETS:
            raise RefusedError("no-secret")
        Service.objects.filter(pk=service.pk).update(secret_hash=tokens.hashed(secret), state=State.DRAFT)
        _note(service, actor, Kind.SECRET)
        ends.close(service)
    return secret


def open_it(service: Service, actor: User, seen: str, *, test: bool = False) -> None:
    """People can sign in there from now on.

    `seen`: the id of the newest event when the actor read the page, empty if there was none. Who has entered or changed
    anything since it was last opened does not open it, whoever came after. Raises RefusedError.
    """
    with transaction.atomic():
        held = _held(service)
        newest = held.events.last()
        if seen != (str(newest.pk) if newest else ""):
            raise RefusedError("changed-meanwhile")
        opened = held.events.filter(kind=Kind.OPENED).last()
        done = held.events.filter(kind__in=(Kind.ENTERED, Kind.CHANGED, Kind.SECRET), pk__gt=opened.pk if opened else 0)
        if held.state not in (State.DRAFT, State.TEST):
            raise RefusedError("state")
        actors = set(done.values_list("actor", flat=True))
        if not actors or actor.pk in actors:
            raise RefusedError("same-person")
        if held.auth_method in Service.SECRETS and not held.secret_hash:
            raise RefusedError("secret-missing")
        if held.auth_method == Service.Auth.PRIVATE_KEY_JWT and not held.jwks.get("keys"):
            raise RefusedError("keys-missing")
        Service.objects.filter(pk=held.pk).update(state=State.TEST if test else State.OPEN)
        _note(held, actor, Kind.TESTED if test else Kind.OPENED)


def close(service: Service, actor: User) -> None:
    """At once: nobody signs in there any more, and everything that was given to it ends."""
    with transaction.atomic():
        Service.objects.filter(pk=service.pk).update(state=State.CLOSED)
        _note(service, actor, Kind.CLOSED)
        ends.close(service)


def _held(service: Service) -> Service:
    """The row as it is now, for this transaction alone. Sign-ins at the service, which refer to it, do not wait."""
    return Service.objects.select_for_update(no_key=True).get(pk=service.pk)


def _note(service: Service, actor: User, kind: Any, detail: str = "") -> None:
    ServiceEvent.objects.create(service=service, actor=actor, kind=kind, detail=detail)
    security_log.tell("service-change", of=str(kind), service=service.pk, national_code=actor.national_code)
