"""The services of a signed-in person, for the profile; those that are open, for the first page."""

from collections.abc import Iterator

from django.urls import reverse

from accounts.models import User
from accounts.profile.connected import Line, Offer
from infra.kept import Kept
from sso import keys
from sso.models import Connection, Service


def lines(user: User) -> Iterator[Line]:
    """Those that are connected now, the one used last first."""
    rows = Connection.objects.filter(user=user, revoked_at=None, service__state__in=Service.alive())
    for row in rows.select_related("service").order_by("-last_used_at"):
        yield Line(row.service.name, row.last_used_at, reverse("sso:disconnect", args=[row.service_id]))


_open = Kept(lambda: list(Service.objects.filter(state=Service.State.OPEN).order_by("name_fa")))


def offers() -> Iterator[Offer]:
    """Those that are open to everybody, by their Persian names; as of a minute ago."""
    if keys.is_offered():
        for service in _open():
            yield Offer(service.name, service.address, service.description)
