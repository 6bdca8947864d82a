"""What the pages of the profile ask."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts.email_field import EmailField
from accounts.models import User
from accounts.passwords.field import PasswordField
from accounts.passwords.form import NewPasswordForm, OwnForm
from accounts.questions import form as question_form
from accounts.sign_in import gate
from infra.limits import LimitReached
from iran import waits
from iran.fields import MobileField


class ConfirmedForm(OwnForm):
    """Asks the current password, which comes first. `proven` is the account as it was when that was compared.

    Cleaning has an effect: a failure counts, for the open session alone. A limit is an error (iran.waits).
    """

    field_order = ["current_password"]

    current_password = PasswordField(
        current=True,
        label=_("Current password"),
        error_messages={"required": _("Enter your current password")},
    )

    def __init__(self, *args: Any, session: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session = session
        self.proven: User | None = None

    @sensitive_variables()
    def clean_current_password(self) -> str:
        password: str = self.cleaned_data["current_password"]
        try:
            self.proven = gate.prove_again(self.user, password, self.session)
        except LimitReached as limit:
            raise waits.refusal(limit) from None
        if self.proven is None:
            raise forms.ValidationError(_("The current password is not right"), code="wrong")
        return password


class PasswordChangeForm(ConfirmedForm, NewPasswordForm):
    @sensitive_variables()
    def is_the_present_one(self, password: str) -> bool:
        return password == self.cleaned_data.get("current_password")


class QuestionsForm(ConfirmedForm):
    """Three different questions with three different answers (docs/guides.md), as in the four-step registration."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        question_form.add_fields(self, question_form.QUESTIONS)

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        question_form.check(self, answers, question_form.QUESTIONS, self.user, answers.get("current_password", ""))
        return answers


class MobileForm(ConfirmedForm):
    mobile = MobileField(label=_("New mobile phone number"))

    def clean_mobile(self) -> str:
        mobile: str = self.cleaned_data["mobile"]
        if mobile == self.user.mobile:
            raise forms.ValidationError(_("This is your present number"), code="same")
        return mobile


class EmailForm(ConfirmedForm):
    email = EmailField(label=_("New e-mail"))

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if email == self.user.email:
            raise forms.ValidationError(_("This is your present e-mail"), code="same")
        return email
