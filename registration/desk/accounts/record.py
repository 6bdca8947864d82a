"""What the desk shows of one account: who it is, how it is reached, how it stands, texts, events. Nothing secret."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.errands.errand import CLOSED, LOCKED, OPEN, state
from accounts.models import AccountEvent, Device, IdentityChange, User
from accounts.templatetags.portal import fa, local_mobile, ltr, moment
from registration.desk.accounts.acts import CONFIRM, SERVE
from registration.desk.record import Group, Row, Text
from registration.pages.identity_values import shown, shown_kept
from registration.pages.places import city_name, country_name
from sms.models import Message

NEWEST_EVENTS = 200
TEXTS = timedelta(days=30)
STATES: dict[str, Text] = {OPEN: _("Active"), LOCKED: _("Locked"), CLOSED: _("Closed")}
PILLS = {OPEN: "activated", LOCKED: "rejected", CLOSED: "expired"}


def state_of(user: User) -> Text:
    return STATES[state(user)]


def pill(user: User) -> str:
    """The class of the state's mark."""
    return PILLS[state(user)]


def groups(user: User) -> list[Group]:
    names = ("national_code", *User.IDENTITY_FIELDS)
    return [
        Group(_("Identity"), [Row(_label(name), shown(user, name) if getattr(user, name) else "") for name in names]),
        Group(
            _("Contact"),
            [
                Row(_label("mobile"), ltr(local_mobile(user.mobile)) if user.mobile else ""),
                Row(_label("email"), ltr(user.email) if user.email else ""),
                Row(_label("country"), country_name(user.country)),
                Row(_label("city"), city_name(user.city)),
            ],
        ),
        Group(
            _("Account"),
            [
                Row(_("state"), state_of(user)),
                Row(_label("activated_at"), moment(user.activated_at)),
                Row(_label("identity_check"), user.get_identity_check_display() or _("not known")),
                Row(_("last sign-in"), moment(user.last_login) if user.last_login else ""),
                Row(_("known devices"), fa(Device.objects.filter(user=user.pk).count())),
                *([Row(_label("closed_at"), moment(user.closed_at))] if user.closed_at else []),
            ],
        ),
    ]


def _label(field: str) -> Text:
    label: Text = User._meta.get_field(field).verbose_name  # type: ignore[union-attr]
    return label


def messages(user: User) -> QuerySet[Message]:
    """Notices about the account to its present mobile, the newest first; a code is not told of here."""
    sent = Message.objects.filter(recipient=user.mobile, created_at__gt=Now() - TEXTS, reference=f"account:{user.pk}")
    return sent.only("recipient", "template", "state", "created_at").order_by("-pk")


def events(user: User) -> list[dict[str, Any]]:
    """What happened to the account, newest first."""
    newest: QuerySet[AccountEvent] = user.desk_events.select_related("actor").order_by("-pk")[:NEWEST_EVENTS]
    return [
        {
            "at": event.at,
            "who": event.actor.get_full_name() or event.actor.national_code if event.actor else "",
            "what": event.get_kind_display(),
            "words": event.words,
            "changes": _changes(event.changes),
            "network": event.client_network,
        }
        for event in newest
    ]


def change(waiting: IdentityChange, staff: User) -> dict[str, Any]:
    """A change of the identity that waits, for one who looks at it: `confirm`, `refuse`: whether they may."""
    mine = waiting.entered_by_id == staff.pk
    return {
        "by": waiting.entered_by.get_full_name() or waiting.entered_by.national_code,
        "at": waiting.entered_at,
        "words": waiting.words,
        "changes": _changes(waiting.changes),
        "is_mine": mine,
        "confirm": staff.has_perm(CONFIRM) and not mine,
        "refuse": staff.has_perm(CONFIRM) or (mine and staff.has_perm(SERVE)),
    }


def _changes(changes: dict[str, list[str]] | None) -> list[dict[str, Text]]:
    return [
        {"label": _label(name), "before": _shown(name, before) if before else "", "after": _shown(name, after)}
        for name, (before, after) in (changes or {}).items()
    ]


def _shown(name: str, kept: str) -> Text:
    if name == "mobile":
        return ltr(local_mobile(kept)) if kept else "–"
    return shown_kept(User, name, kept)
