from typing import Any

from django import forms
from django.http import HttpRequest

from benchmarks.peers.asked import ContactFields, IdentityFields, stated
from benchmarks.peers.phone_signup.models import Request, User


class SignupForm(ContactFields, IdentityFields):
    """What allauth's own form asks for beside phone and password."""

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        if Request.objects.filter(national_code=answers.get("national_code")).exists():
            raise forms.ValidationError("این کد ملی ثبت شده است")
        return answers

    def signup(self, request: HttpRequest, user: User) -> None:
        Request.objects.create(user=user, **stated(self.cleaned_data))
