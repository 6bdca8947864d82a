"""How long somebody must wait, in words."""

from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpResponse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from infra.limits import LimitReached

LIMIT = "limit"  # the code of the error
_PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def is_latin_page() -> bool:
    """Whether the present page is in English: Latin digits and letters."""
    return (get_language() or "fa").startswith("en")


def prose_digits(text: str) -> str:
    """ASCII digits as Persian ones; untouched on an English page."""
    return text if is_latin_page() else text.translate(_PERSIAN)


def in_words(seconds: int) -> str:
    """Seconds up to two minutes, minutes up to two hours, then hours; never less than the wait itself."""
    if seconds <= 120:
        unit, count = ngettext("%(count)s second", "%(count)s seconds", seconds), seconds
    elif seconds <= 7200:
        count = -(-seconds // 60)
        unit = ngettext("%(count)s minute", "%(count)s minutes", count)
    else:
        count = -(-seconds // 3600)
        unit = ngettext("%(count)s hour", "%(count)s hours", count)
    return prose_digits(unit % {"count": count})


def explained(limit: LimitReached) -> str:
    """What a visitor reads about a limit: when to come back. The same words for every rule but the busy portal."""
    wait = {"wait": in_words(limit.retry_after)}
    if limit.busy:
        return _("The portal is very busy just now. Please come back in %(wait)s.") % wait
    return _("Too many tries. You can try again in %(wait)s.") % wait


def refusal(limit: LimitReached) -> ValidationError:
    """The limit as an error of the form in which it was reached: the page stays, with what was typed."""
    return ValidationError(explained(limit), code=LIMIT, params={"retry_after": limit.retry_after})


def answered(form: BaseForm, page: HttpResponse) -> HttpResponse:
    """The page of a form: 429 with Retry-After if a limit was reached while the form was cleaned."""
    errors = (error for errors in form.errors.as_data().values() for error in errors if error.code == LIMIT)
    if limit := next(errors, None):
        page.status_code = 429
        page.headers["Retry-After"] = str((limit.params or {})["retry_after"])
    return page
