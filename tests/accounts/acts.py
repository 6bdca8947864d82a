"""What changes the protection of an account: by its owner, signed in with a code, at the desk, by an operator."""

import re
from collections.abc import Callable

from django.core import mail
from django.test import Client

from accounts.models import Device, SecurityQuestion, User
from tests.accounts.helpers import NEW_PASSWORD, PASSWORD, PASSWORD_PAGE, PROFILE
from tests.accounts.recovery.recovering import code_on_phone, leads_to

QUESTIONS, MOBILE, EMAIL, DATA = (f"{PROFILE}{page}/" for page in ("questions", "mobile", "email", "data"))
MOBILE_CODE = f"{MOBILE}code/"
NEW_MOBILE, NEW_EMAIL = "+989970077777", "new@example.com"
GIVEN = ("آقای نیکوکار", "باغ وحش", "دریاچه نمک")
PROVED = {"current_password": PASSWORD}


def link() -> str:
    """The address in the newest message that holds one."""
    found = [re.findall(r"http://testserver(/accounts/profile/email/[^/\s]+/)", str(sent.body)) for sent in mail.outbox]
    return str(next(reversed([one for links in found for one in links])))


def password(owner: Client, user: User) -> None:
    new = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert leads_to(owner.post(PASSWORD_PAGE, PROVED | new), PROFILE)


def mobile(owner: Client, user: User) -> None:
    assert leads_to(owner.post(MOBILE, PROVED | {"mobile": NEW_MOBILE}), MOBILE_CODE)
    assert leads_to(owner.post(MOBILE_CODE, {"code": code_on_phone(User(mobile=NEW_MOBILE))}), PROFILE)


def questions(owner: Client, user: User) -> None:
    offered = SecurityQuestion.objects.filter(is_offered=True).exclude(text__startswith="پرسش")[:3]
    form = {f"question_{number}": str(question.pk) for number, question in enumerate(offered, 1)}
    form |= {f"answer_{number}": answer for number, answer in enumerate(GIVEN, 1)}
    assert leads_to(owner.post(QUESTIONS, PROVED | form), PROFILE)


def email(owner: Client, user: User) -> None:
    assert leads_to(owner.post(EMAIL, PROVED | {"email": NEW_EMAIL}), PROFILE)
    assert leads_to(owner.post(link()), PROFILE)


def device(owner: Client, user: User) -> None:
    other = Device.objects.create(user=user, token_hash="0" * 64)
    assert leads_to(owner.post(f"{PROFILE}devices/{other.pk}/sign-out/", PROVED), PROFILE)


def _there_and_back(column: str, user: User) -> None:
    before = getattr(User.objects.get(pk=user.pk), column)
    for value in (not before, before):
        User.objects.filter(pk=user.pk).update(**{column: value})


def deactivated_and_activated(owner: Client, user: User) -> None:
    _there_and_back("is_active", user)


def staff_and_staff_no_more(owner: Client, user: User) -> None:
    _there_and_back("is_staff", user)


def password_by_an_operator(owner: Client, user: User) -> None:
    """As `manage.py changepassword` does."""
    account = User.objects.get(pk=user.pk)
    account.set_password(NEW_PASSWORD)
    account.save()


Act = Callable[[Client, User], None]
BY_THE_OWNER: list[Act] = [password, mobile, questions, email, device]
BY_OTHERS: list[Act] = [deactivated_and_activated, staff_and_staff_no_more, password_by_an_operator]
