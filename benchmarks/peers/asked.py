"""What both peers ask for and keep, beside the mobile: the fields of the portal's three steps."""

from typing import Any, ClassVar

from django import forms
from django.db import models
from django.utils.crypto import salted_hmac

GENDERS = [("female", "زن"), ("male", "مرد")]
OPERATORS = [("mci", "همراه اول"), ("irancell", "ایرانسل"), ("rightel", "رایتل"), ("other", "سایر")]
LETTERS = [(letter, letter) for letter in ("الف", "ب", "پ", "ت", "ج", "د", "ر", "س", "ش", "ل", "م", "ن")]
QUESTIONS = [
    ("1", "نام نخستین آموزگار شما چه بود؟"),
    ("2", "نام نخستین دوست شما چه بود؟"),
    ("3", "در کدام شهر به مدرسه رفتید؟"),
]
KEPT = (
    *("national_code", "operator", "last_name", "first_name", "certificate_number", "certificate_serial"),
    *("certificate_series_letter", "certificate_series_number", "birth_date_day", "birth_date_month"),
    *("birth_date_year", "gender", "country", "city", "foreign_city", "mail"),
)


class ContactFields(forms.Form):
    national_code = forms.RegexField("^[0-9]{10}$", label="کد ملی")
    operator = forms.ChoiceField(label="اپراتور", choices=OPERATORS)

    def clean_national_code(self) -> str:
        code: str = self.cleaned_data["national_code"]
        total = sum(int(digit) * weight for digit, weight in zip(code[:9], range(10, 1, -1), strict=True)) % 11
        if int(code[9]) != (total if total < 2 else 11 - total):
            raise forms.ValidationError("کد ملی درست نیست")
        return code


class IdentityFields(forms.Form):
    last_name = forms.CharField(label="نام خانوادگی", max_length=60)
    first_name = forms.CharField(label="نام", max_length=60)
    certificate_number = forms.RegexField("^[0-9]{1,10}$", label="شمارهٔ شناسنامه")
    certificate_serial = forms.RegexField("^[0-9]{1,6}$", label="سریال شناسنامه")
    certificate_series_letter = forms.ChoiceField(label="حرف سری", choices=LETTERS)
    certificate_series_number = forms.RegexField("^[0-9]{1,3}$", label="شمارهٔ سری")
    birth_date_day = forms.IntegerField(label="روز تولد", min_value=1, max_value=31)
    birth_date_month = forms.IntegerField(label="ماه تولد", min_value=1, max_value=12)
    birth_date_year = forms.IntegerField(label="سال تولد", min_value=1280, max_value=1420)
    gender = forms.ChoiceField(label="جنسیت", choices=GENDERS, widget=forms.RadioSelect)
    country = forms.CharField(label="کشور", max_length=2)
    city = forms.CharField(label="شهر", max_length=80)
    foreign_city = forms.CharField(label="شهر در خارج", max_length=80, required=False)
    mail = forms.EmailField(label="رایانامه", required=False)
    question_1 = forms.ChoiceField(label="پرسش امنیتی", choices=QUESTIONS)
    answer_1 = forms.CharField(label="پاسخ", max_length=80)


class Stated(models.Model):
    national_code = models.CharField(max_length=10, unique=True)
    operator = models.CharField(max_length=8)
    last_name = models.CharField(max_length=60)
    first_name = models.CharField(max_length=60)
    certificate_number = models.CharField(max_length=10)
    certificate_serial = models.CharField(max_length=6)
    certificate_series_letter = models.CharField(max_length=8)
    certificate_series_number = models.CharField(max_length=3)
    birth_date_day = models.PositiveSmallIntegerField()
    birth_date_month = models.PositiveSmallIntegerField()
    birth_date_year = models.PositiveSmallIntegerField()
    gender = models.CharField(max_length=6)
    country = models.CharField(max_length=2)
    city = models.CharField(max_length=80)
    foreign_city = models.CharField(max_length=80, blank=True)
    mail = models.EmailField(blank=True)
    question = models.CharField(max_length=2)
    answer = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    # Said, because the type checker knows the managers of the product's apps only.
    objects: "ClassVar[models.Manager[Any]]" = models.Manager()

    class Meta:
        abstract = True


def stated(answers: dict[str, Any]) -> dict[str, Any]:
    """Columns of `Stated` from the answers to all fields."""
    kept = {name: answers[name] for name in KEPT}
    answer = salted_hmac("answer", answers["answer_1"], algorithm="sha256").hexdigest()
    return kept | {"question": answers["question_1"], "answer": answer}
