"""What pages show: Persian digits in prose, Solar Hijri dates, numbers that must read from left to right."""

import datetime as dt
from functools import cache

from django import template
from django.conf import settings
from django.template.defaultfilters import capfirst
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info

from iran import jalali, numbers, waits

register = template.Library()


@register.filter
def fa(value: object) -> str:
    """ASCII digits as Persian ones, for prose; untouched on an English page. Codes and numbers to copy stay ASCII.

    The result is plain text and will be escaped: digits inside markup must not change.
    """
    return waits.prose_digits(str(value))


@register.filter(name="jalali")
def jalali_date(value: dt.date | None) -> str:
    """A date, or an aware moment's day in Tehran: `۲۷ خرداد ۱۳۶۵`, in English `27 Khordad 1365`; nothing for None."""
    return jalali.format_date(value, latin=waits.is_latin_page()) if value else ""


@register.filter
def jalali_time(value: dt.datetime | None) -> str:
    """An aware moment in Tehran: `۳۰ آبان ۱۴۰۵، ساعت ۲۲:۴۵`, in English `30 Aban 1405, 22:45`; nothing for None."""
    return jalali.format_datetime(value, latin=waits.is_latin_page()) if value else ""


@register.filter
def moment(value: dt.datetime | None) -> SafeString:
    """As jalali_time, in `<bdi>`: the desk puts it beside names of either direction."""
    return isolated(jalali_time(value))


@register.filter
def isolated(value: object) -> SafeString:
    """The escaped value in `<bdi>`, so that what stands beside it keeps its place; nothing for nothing."""
    return format_html("<bdi>{}</bdi>", value) if value else SafeString()


@register.simple_tag
def other_languages() -> list[tuple[str, str]]:
    """Codes and own names of the languages that one can change to."""
    return _languages_but(get_language())


@cache
def _languages_but(here: str | None) -> list[tuple[str, str]]:
    codes = [code for code, _name in settings.LANGUAGES if code != here]
    return [(code, capfirst(get_language_info(code)["name_local"])) for code in codes]


@register.filter
def local_mobile(value: str | None) -> str:
    """`+989123456789` as `09123456789`."""
    return numbers.local_mobile(value or "")


@register.filter
def masked_mobile(value: str | None) -> str:
    """`+989123456789` as `0912***6789`; nothing for nothing."""
    return numbers.mask_mobile(value) if value else ""


@register.filter
def masked_national_code(value: str) -> SafeString:
    """`0019990014` as `***0014`, in its order."""
    return ltr(f"***{value[-4:]}")


@register.filter(name="ltr")
@register.simple_tag(name="ltr")
def ltr(value: object) -> SafeString:
    """The escaped value in `<bdi dir="ltr">`, so that its parts keep their order in a Persian line."""
    return format_html('<bdi dir="ltr">{}</bdi>', value)
