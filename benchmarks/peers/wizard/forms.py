from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from benchmarks.peers.asked import ContactFields, IdentityFields
from benchmarks.peers.wizard.models import Request


class ContactForm(ContactFields):
    mobile = forms.RegexField("^09[0-9]{9}$", label="تلفن همراه")

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        if Request.objects.filter(national_code=answers.get("national_code")).exists():
            raise forms.ValidationError("این کد ملی ثبت شده است")
        return answers


class CodeForm(forms.Form):
    code = forms.RegexField("^[0-9]{6}$", label="کد فعال‌سازی")

    def __init__(self, *args: Any, sent: str | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sent = sent

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if code != self.sent:
            raise forms.ValidationError("کد درست نیست")
        return code


class IdentityForm(IdentityFields):
    password1 = forms.CharField(label="گذرواژه", widget=forms.PasswordInput)
    password2 = forms.CharField(label="تکرار گذرواژه", widget=forms.PasswordInput)

    def clean_password2(self) -> str:
        password: str = self.cleaned_data["password2"]
        if password != self.cleaned_data.get("password1"):
            raise forms.ValidationError("دو گذرواژه یکی نیستند")
        validate_password(password)
        return password
