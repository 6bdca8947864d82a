"""What a service may learn of a person: which claims belong to which scope, and how people see them beforehand."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.templatetags.portal import jalali_date, ltr, masked_mobile


class Attribute(NamedTuple):
    """`claims`: values in the answer of userinfo. `shown`: what the person reads, enough to know that it is theirs."""

    scope: str
    label: Any
    claims: Callable[[User], dict[str, Any]]
    shown: Callable[[User], Any]


def _name(user: User) -> dict[str, Any]:
    return {"name": user.get_full_name(), "given_name": user.first_name, "family_name": user.last_name}


def _masked_email(email: str) -> Any:
    name, _at, domain = email.partition("@")
    return ltr(f"{name[:1]}***@{domain}")


ATTRIBUTES = (
    Attribute("profile", _("First and last name"), _name, User.get_full_name),
    Attribute("profile", _("Gender"), lambda user: {"gender": user.gender}, lambda user: user.get_gender_display()),
    Attribute(
        "profile",
        _("Birth date"),
        lambda user: {"birthdate": user.birth_date.isoformat() if user.birth_date else ""},
        lambda user: jalali_date(user.birth_date),
    ),
    Attribute(
        "phone",
        _("Mobile phone number"),
        lambda user: {"phone_number": user.mobile, "phone_number_verified": bool(user.mobile)},
        lambda user: ltr(masked_mobile(user.mobile)) if user.mobile else "",
    ),
    # Addresses that were stated at the registration were never confirmed, and no row tells those apart.
    Attribute(
        "email",
        _("E-mail"),
        lambda user: {"email": user.email, "email_verified": False},
        lambda user: _masked_email(user.email) if user.email else "",
    ),
    Attribute(
        "identity_check",
        _("How your identity was checked"),
        lambda user: {"identity_check": user.identity_check},
        lambda user: user.get_identity_check_display() or _("not known"),
    ),
    Attribute(
        "national_code",
        _("National code"),
        lambda user: {"national_code": user.national_code},
        lambda user: ltr(f"{user.national_code[:3]}*****{user.national_code[8:]}"),
    ),
)
NAMES = sorted({"sub", *(name for attribute in ATTRIBUTES for name in attribute.claims(User()))})


def of(user: User, scopes: Iterable[str]) -> dict[str, Any]:
    """The claims of these scopes, without those that the account has no value for."""
    wanted = set(scopes)
    found: dict[str, Any] = {}
    for attribute in ATTRIBUTES:
        if attribute.scope in wanted and attribute.shown(user):
            found |= {name: value for name, value in attribute.claims(user).items() if value != ""}
    return found


def shown(user: User, scopes: Iterable[str]) -> list[tuple[Any, Any]]:
    """Pairs of a label and a masked value, for all that these scopes tell."""
    wanted = set(scopes)
    return [(one.label, one.shown(user) or _("Not given")) for one in ATTRIBUTES if one.scope in wanted]
