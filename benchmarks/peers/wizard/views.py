import secrets
from typing import Any

from django.contrib.auth.hashers import make_password
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from formtools.wizard.views import SessionWizardView

from benchmarks.peers import codes
from benchmarks.peers.asked import stated
from benchmarks.peers.wizard.forms import CodeForm, ContactForm, IdentityForm
from benchmarks.peers.wizard.models import Request


class Registration(SessionWizardView):  # type: ignore[misc]  # formtools is untyped
    form_list = [("contact", ContactForm), ("activation", CodeForm), ("identity", IdentityForm)]
    template_name = "wizard/step.html"

    def get_form_kwargs(self, step: str | None = None) -> dict[str, Any]:
        return {"sent": self.storage.extra_data.get("code")} if step == "activation" else {}

    def process_step(self, form: Form) -> Any:
        if self.steps.current == "contact":
            code = f"{secrets.randbelow(1_000_000):06}"
            self.storage.extra_data = {"code": code}
            codes.send(form.cleaned_data["mobile"], code)
        return super().process_step(form)

    def done(self, form_list: list[Form], **kwargs: Any) -> HttpResponse:
        answers = {name: value for form in form_list for name, value in form.cleaned_data.items()}
        password = make_password(answers["password1"])
        Request.objects.create(mobile=answers["mobile"], password=password, **stated(answers))
        return redirect("received")


def received(request: HttpRequest) -> HttpResponse:
    return render(request, "wizard/received.html")
