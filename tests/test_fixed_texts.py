"""Sentences of the guides, word for word, on the pages where the guides have them (docs/guides.md)."""

import html
import re
from typing import Any

import pytest

from tests.drawn_pages import FORMS, RECEIVED, draw

NOTICES = [
    "بیمه شده گرامی توجه داشته باشید:",
    "اطلاعات وارد شده در این فرم از این پس جهت شناسایی شما در سامانه متمرکز بیمه‌ای مورد استفاده قرار خواهد گرفت.",
    "شماره تلفن همراه وارد شده صرفاً می‌بایست متعلق به شخص شما باشد.",
    "در صورتیکه شماره تلفن همراه وارد شده متعلق به شخص شما نباشد نیاز است پس از طی کلیه مراحل ثبت نام شخصاً با در دست "
    "داشتن اصل کارت ملی و شناسنامه به یکی از شعب سازمان تأمین اجتماعی مراجعه نمایید.",
    "بدلیل اینکه اطلاعات وارد شده توسط شما در زمان ثبت نام از این پس جهت ارائه خدمات الکترونیک سازمان تأمین اجتماعی به "
    "شما مورد استفاده قرار خواهد گرفت، مسئولیت وارد نمودن هرگونه اطلاعات خلاف واقعیت بعهده شخص شما خواهد بود.",
]
LAST_NOTICES = [
    "پس از تکمیل مراحل ثبت نام شما مجاز به استفاده از خدمات عمومی بیمه شدگان مانند مشاهده سوابق، خواهید بود.",
    "در حفظ و نگهداری رمز (گذر واژه) خود دقت نموده، مسئولیت افشای رمز و هرگونه سوء استفاده از آن بعهده شما می‌باشد.",
]
ALL_MANDATORY = "پر کردن کلیه موارد الزامی می‌باشد."
STEPS = {
    "registration/contact.html": [*NOTICES, ALL_MANDATORY],
    "registration/activation.html": NOTICES,
    "registration/identity.html": [
        *NOTICES,
        *LAST_NOTICES,
        ALL_MANDATORY,
        "کلیه اطلاعات هویتی می‌بایست مطابق با اطلاعات کارت ملی و شناسنامه باشد. دقت داشته باشید در صورت عدم تطابق "
        "اطلاعات وارد شده حساب کاربری برای شما ایجاد نخواهد شد.",
        "در بخاطر سپردن پاسخ سوال امنیتی خود دقت داشته باشید. این سوال در بازیابی "
        "گذرواژه شما مورد استفاده قرار می‌گیرد.",
        "خواهشمند است در وارد نمودن شماره تلفن همراه و ایمیل خود دقت نمائید. این اطلاعات پل ارتباطی سامانه‌های سازمان "
        "تأمین اجتماعی با شما می‌باشد.",
        "فرمت مجاز جهت ثبت گذرواژه",
        "توجه داشته باشید صفحه کلید به زبان انگلیسی (EN) باشد.",
    ],
}
PORTAL_RECEIVED = "درخواست شما با موفقیت ثبت گردید. لطفاً منتظر پیامک فعال‌سازی بمانید. با تشکر سازمان تأمین اجتماعی"
ESERVICES_RECEIVED = (
    "درخواست شما با موفقیت ثبت گردید و نتیجه مراحل انجام شده از طریق پیامک ارسال خواهد شد. دقت داشته باشید که ثبت "
    "درخواست به معنی ایجاد کاربر نبوده و کاربر شما پس از صحت‌سنجی درخواست ایجاد خواهد شد و نتیجه آن از طریق پیامک به "
    "شما اعلام می‌گردد."
)
BELOW = (
    "در صورتی که در متن پیامک نیاز به «مراجعه به شعبه» وجود داشت، با به همراه داشتن مدارک هویتی به واحد نامنویسی "
    "نزدیک‌ترین شعبه سازمان تأمین اجتماعی مراجعه نمائید. چنانچه پس از گذشت ۴۸ ساعت پیامکی دریافت ننموده‌اید، مجدداً اقدام "
    "به ثبت نام نمایید."
)

pytestmark = pytest.mark.django_db


def text(template: str, context: Any) -> str:
    """What a reader sees, spaces as one."""
    seen = re.sub(r"<[^>]+>", " ", draw(template, context).html)
    return " ".join(html.unescape(seen).split())


@pytest.mark.parametrize("template", STEPS)
def test_a_step_tells_what_the_guide_tells(template: str) -> None:
    seen = text(template, FORMS[template](None))
    assert [sentence for sentence in STEPS[template] if sentence not in seen] == []


def test_the_closing_message_is_that_of_the_flow() -> None:
    portal = text("registration/received.html", RECEIVED)
    eservices = text("registration/received.html", RECEIVED | {"flow": "eservices"})
    assert PORTAL_RECEIVED in portal
    assert ESERVICES_RECEIVED in eservices
    assert PORTAL_RECEIVED not in eservices
    assert BELOW in portal
    assert BELOW in eservices
