"""What the text of a code says: what it is for, that nobody else may have it, where phones may fill it in."""

import pytest
from pytest_django import Settings

from sms.backends.base import Outgoing
from sms.models import OtpChallenge
from sms.otp import challenge as otp
from sms.outbox import delivery
from tests.sms.otp.challenges import CLIENT_IP, MOBILE, NATIONAL_CODE
from tests.stand_ins.kavenegar import Kavenegar as StandIn

pytestmark = pytest.mark.django_db

Purpose = OtpChallenge.Purpose
SAYS = {
    Purpose.REGISTRATION: "ثبت‌نام",
    Purpose.RECOVERY: "بازیابی گذرواژه",
    Purpose.DEVICE: "ورود به حساب",
    Purpose.MOBILE_CHANGE: "تغییر شماره همراه",
    Purpose.REAUTHENTICATION: "تغییر در حساب",
    Purpose.REQUEST: "پیگیری یا انصراف",
    Purpose.DESK: "کد شعبه",
    Purpose.CALLER: "کد تماس",
}
SETTINGS = {
    Purpose.RECOVERY: "KAVENEGAR_CODE_TEMPLATE_RECOVERY",
    Purpose.DEVICE: "KAVENEGAR_CODE_TEMPLATE_DEVICE",
    Purpose.MOBILE_CHANGE: "KAVENEGAR_CODE_TEMPLATE_MOBILE",
    Purpose.REAUTHENTICATION: "KAVENEGAR_CODE_TEMPLATE_CHANGE",
    Purpose.REQUEST: "KAVENEGAR_CODE_TEMPLATE_REQUEST",
    Purpose.DESK: "KAVENEGAR_CODE_TEMPLATE_DESK",
    Purpose.CALLER: "KAVENEGAR_CODE_TEMPLATE_CALLER",
}


def send(purpose: str) -> None:
    otp.start(purpose=purpose, mobile=MOBILE, national_code=NATIONAL_CODE, client_ip=CLIENT_IP)
    delivery.drain("codes")


@pytest.mark.parametrize("purpose", SAYS)
def test_each_code_says_what_it_is_for_and_no_other_purpose(purpose: str, sms_outbox: list[Outgoing]) -> None:
    send(purpose)
    [sent] = sms_outbox
    assert {each for each, words in SAYS.items() if words in sent.text} == {purpose}
    assert sent.purpose == purpose


@pytest.mark.parametrize("purpose", SAYS)
def test_each_code_is_for_its_owner_alone(purpose: str, sms_outbox: list[Outgoing], settings: Settings) -> None:
    settings.PORTAL_HOST = "portal.example.ir"
    send(purpose)
    [sent] = sms_outbox
    first, *_, last = sent.text.splitlines()
    told = {Purpose.DESK: "فقط به کارشناس بگویید", Purpose.CALLER: "اگر زنگ زده‌اید بگویید"}
    whom = told.get(Purpose(purpose), "به کسی ندهید")
    assert first.endswith(f": {sent.code} {whom}")
    assert last == f"@portal.example.ir #{sent.code}"


@pytest.mark.parametrize("purpose", SAYS)
def test_the_panel_has_a_text_for_each_purpose(purpose: Purpose, account: StandIn, settings: Settings) -> None:
    for name in SETTINGS.values():
        setattr(settings, name, name.lower())
    account.templates = {settings.KAVENEGAR_CODE_TEMPLATE, *map(str.lower, SETTINGS.values())}
    send(purpose)
    expected = SETTINGS[purpose].lower() if purpose in SETTINGS else settings.KAVENEGAR_CODE_TEMPLATE
    assert [asked.form["template"] for asked in account.received] == [expected]
    assert len(account.messages) == 1


@pytest.mark.parametrize("purpose", SAYS)
def test_one_text_of_the_panel_may_serve_for_all(purpose: Purpose, account: StandIn, settings: Settings) -> None:
    send(purpose)
    assert [asked.form["template"] for asked in account.received] == [settings.KAVENEGAR_CODE_TEMPLATE]
    assert len(account.messages) == 1
