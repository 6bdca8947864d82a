"""Requests that somebody holds, what a decision left behind, and the fixed texts of docs/contract.md word for word."""

from typing import Any

from accounts.models import User
from infra import leases
from registration.identity import check
from registration.lifecycle.documents import Seen
from registration.models import RegistrationRequest, Status
from sms.backends.base import Outgoing
from sms.outbox import delivery
from tests.people import national_code
from tests.registration.rows import make_request

CREATED = "به سیستم‌های متمرکز سازمان تأمین اجتماعی خوش آمدید. حساب کاربری شما ایجاد گردید."
ACTIVATED = "به سیستم‌های متمرکز سازمان تأمین اجتماعی خوش آمدید. حساب کاربری شما فعال گردید."
BRANCH = "ثبت نام شما تأیید شد، جهت فعال‌سازی حساب کاربری با در دست داشتن مدارک هویتی به نزدیکترین شعبه مراجعه فرمائید."
PROBLEM = (
    "تأیید اطلاعات شما با مشکل مواجه شد. لطفاً جهت تکمیل ثبت نام با در دست داشتن مدارک هویتی به نزدیکترین شعبه "
    "مراجعه فرمائید."
)
REGISTER_AGAIN = (
    "اطلاعات هویتی وارد شده توسط شما با پایگاه مرجع مطابقت ندارد، می‌توانید مجدداً ثبت نام نمایید. چنانچه از صحت اطلاعات "
    "ثبت شده اطمینان دارید با در دست داشتن مدارک هویتی خود به نزدیکترین شعبه مراجعه فرمائید."
)
NO_CODE = Seen(mobile="آنتن ندارد")  # what a clerk says who could send no code
MS, MR = "سرکار خانم محمدی", "جناب آقای محمدی"


def leased(number: int = 41, **fields: Any) -> RegistrationRequest:
    request = make_request(number, Status.SUBMITTED, **fields)
    claimed = leases.claim(check.due().filter(pk=request.pk), check.LEASE_SECONDS)
    assert claimed is not None
    return claimed


def clerk(number: int = 900) -> User:
    return User.objects.create(national_code=national_code(number), last_name="کارگر", is_active=False, is_staff=True)


def events(request: RegistrationRequest) -> list[tuple[str, str, str]]:
    """What happened: kind, status before, status after; oldest first."""
    return list(request.events.values_list("kind", "from_status", "to_status"))


def texts(outbox: list[Outgoing], request: RegistrationRequest) -> list[str]:
    """What the citizen's phone has received."""
    delivery.drain("texts")
    assert {sms.recipient for sms in outbox} <= {request.mobile}
    return [sms.text for sms in outbox]
