"""Where everybody begins."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.profile import connected


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Where everybody begins: sign in, register. Who is signed in sees the services that the account opens."""
    first = settings.REGISTRATION_FLOWS[0]
    links = [
        (reverse("accounts:login"), _("Sign in"), _("See your account, change your password.")),
        (reverse("registration:track"), _("Track a request"), _("See where your registration stands.")),
        (
            reverse("accounts:recover"),
            _("Recover password"),
            _("If you have forgotten it: a code, your answers, a new one."),
        ),
        (reverse("registration:branches"), _("Branches"), _("Find the branch nearest to you.")),
    ]
    context = {"flow": first, "flow_url": reverse(f"registration:{first}-registration"), "links": links}
    context["services"] = connected.offered() if request.user.is_authenticated else []
    return render(request, "home.html", context)
