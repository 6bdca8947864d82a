"""The rules of accounts.passwords.rules as a Django validator, for `changepassword`."""

from django.core.exceptions import ValidationError
from django.views.decorators.debug import sensitive_variables

from accounts.models import Person
from accounts.passwords import rules as password_rules


class GuideValidator:
    @sensitive_variables("password")
    def validate(self, password: str, user: Person | None = None) -> None:
        """ValidationError with one message per broken rule; without a `user` nothing is personal."""
        broken = password_rules.problems(
            password,
            first_name=user.first_name if user else "",
            last_name=user.last_name if user else "",
            national_code=user.national_code if user else "",
        )
        if broken:
            raise ValidationError([ValidationError(message) for message in broken])

    def get_help_text(self) -> str:
        return " · ".join(str(text) for _key, text in password_rules.RULES)
