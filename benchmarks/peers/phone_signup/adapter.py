"""What allauth asks a project to say of its phones; after its documentation."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter

from benchmarks.peers import codes
from benchmarks.peers.phone_signup.models import User


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is in the peers' environment alone
    def get_phone(self, user: User) -> tuple[str, bool] | None:
        return (user.phone, user.phone_verified) if user.phone else None

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        user.phone, user.phone_verified = phone, verified
        user.save(update_fields=["phone", "phone_verified"])

    def set_phone_verified(self, user: User, phone: str) -> None:
        self.set_phone(user, phone, True)

    def get_user_by_phone(self, phone: str) -> User | None:
        found: User | None = User.objects.filter(phone=phone).first()
        return found

    def send_verification_code_sms(self, user: User, phone: str, code: str, **kwargs: Any) -> None:
        codes.send(phone, code)

    def send_unknown_account_sms(self, phone: str, **kwargs: Any) -> None: ...

    def send_account_already_exists_sms(self, phone: str) -> None: ...
