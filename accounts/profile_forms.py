"""What the pages of the profile ask. The new password is asked by forms.PasswordChangeForm."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts import question_form
from accounts.email_field import EmailField
from accounts.fields import MobileField
from accounts.forms import ConfirmedForm, OwnForm

QUESTIONS = 3


class QuestionsForm(ConfirmedForm):
    """Three different questions with three different answers (docs/guides.md), as in the four-step registration."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        question_form.add_fields(self, QUESTIONS)

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        question_form.check(self, answers, QUESTIONS, self.user, answers.get("current_password", ""))
        return answers


class MobileForm(ConfirmedForm):
    mobile = MobileField(label=_("New mobile phone number"))

    def clean_mobile(self) -> str:
        mobile: str = self.cleaned_data["mobile"]
        if mobile == self.user.mobile:
            raise forms.ValidationError(_("This is your present number"), code="same")
        return mobile


class EmailForm(OwnForm):
    email = EmailField(label=_("New e-mail"))

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if email == self.user.email:
            raise forms.ValidationError(_("This is your present e-mail"), code="same")
        return email
