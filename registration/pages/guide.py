"""The users' guide: what each page asks and what happens then, with pictures of the pages (`make guide`)."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe


@dataclass(frozen=True)
class Part:
    """`picture`: static/guide/<picture>.<language>.webp, or empty."""

    title: Promise
    texts: tuple[Promise, ...]
    picture: str = ""


@dataclass(frozen=True)
class Chapter:
    name: str  # of its place in the address
    title: Promise
    parts: tuple[Part, ...]


CHAPTERS = (
    Chapter(
        "registration",
        _("Registration"),
        (
            Part(
                _("Begin"),
                (
                    _("Have your national card, your birth certificate and your mobile phone at hand."),
                    _("The mobile phone number must be in your own name; else you must go to a branch at the end."),
                    _("Press “Start registration” on the first page."),
                ),
                "home",
            ),
            Part(
                _("Contact details"),
                (
                    _("Write your national code and mobile phone number, and choose the operator of the number."),
                    _("Digits may be Persian or Latin, with or without spaces."),
                ),
                "contact",
            ),
            Part(
                _("The code from the text message"),
                (
                    _("Write the six digits of the text message. The code is valid for ten minutes."),
                    _("If no message comes within two minutes, ask for it again below. Give the code to nobody."),
                ),
                "activation",
            ),
            Part(
                _("Identity details"),
                (
                    _(
                        "Write everything as on the birth certificate. A drawing shows where number, series and "
                        "serial are."
                    ),
                    _("Who has one number as national code and certificate number writes the national code in both."),
                    _("The date of birth is written in the Solar Hijri calendar. The city is chosen from the list."),
                ),
                "identity",
            ),
            Part(
                _("Password and security questions"),
                (
                    _("The rules of the password stand above it; each gets a tick when it is met."),
                    _("Remember the answers: they are asked when you have forgotten the password."),
                    _(
                        "In the registration of three steps this stands below the identity, with one question; in "
                        "that of four steps it is a step of its own, with three."
                    ),
                ),
                "account",
            ),
            Part(
                _("Review, in the registration of four steps"),
                (_("Everything that you entered is shown once more. Change what is wrong, then send the request."),),
                "review",
            ),
            Part(
                _("After sending"),
                (
                    _("Keep the tracking code. The result comes by text message; until then you cannot sign in."),
                    _("If the text message asks you to go to a branch, take your identity documents with you."),
                    _("If no message comes within %(hours)s hours, register again."),
                ),
                "received",
            ),
        ),
    ),
    Chapter(
        "tracking",
        _("Tracking a request"),
        (
            Part(
                _("Where the request stands"),
                (_("Write the national code and the tracking code. Dashes and spaces do not matter."),),
                "track",
            ),
        ),
    ),
    Chapter(
        "sign-in",
        _("Signing in"),
        (
            Part(
                _("National code and password"),
                (
                    _("The user name is your national code."),
                    _("In a browser that the portal has not seen before, a code is sent to your mobile phone as well."),
                ),
                "sign-in",
            ),
        ),
    ),
    Chapter(
        "recovery",
        _("A forgotten password"),
        (
            Part(
                _("Choosing a new one"),
                (
                    _("Write your national code; a code is sent to the mobile phone that is recorded."),
                    _("Then answer your security questions and choose a new password."),
                    _("Who has no access to the mobile phone or does not remember the answers goes to a branch."),
                ),
                "recover",
            ),
        ),
    ),
    Chapter(
        "profile",
        _("The profile"),
        (
            Part(
                _("What can be changed"),
                (
                    _("After signing in, open “Profile” at the top of the page."),
                    _(
                        "There you change password, mobile phone, e-mail and security questions, and see where you "
                        "are signed in. Each change asks for the password, and a text message tells of it."
                    ),
                ),
                "profile",
            ),
        ),
    ),
    Chapter(
        "branch",
        _("At a branch"),
        (
            Part(
                _("When and with what"),
                (
                    _(
                        "Go to the enrolment unit of a branch with the originals of national card and birth "
                        "certificate when the text message says so."
                    ),
                    _("The list of branches, by province and city, is in the portal."),
                ),
                "branches",
            ),
        ),
    ),
)
PICTURES = tuple(part.picture for chapter in CHAPTERS for part in chapter.parts if part.picture)
WIDTH, HEIGHT = 360, 720  # pixels of each picture


@login_not_required
@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """The whole guide on one page, which prints as the file that it links."""
    context = {"chapters": CHAPTERS, "width": WIDTH, "height": HEIGHT, "decision_hours": settings.DECISION_HOURS}
    return render(request, "registration/guide.html", context)
