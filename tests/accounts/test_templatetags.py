import datetime as dt

import pytest
from django.template import Context, Template
from django.utils import translation

MOMENT = dt.datetime(2026, 11, 21, 19, 15, tzinfo=dt.UTC)


def render(source: str, **context: object) -> str:
    return Template("{% load portal %}" + source).render(Context(context))


def test_digits_of_prose_are_persian_on_persian_pages_only() -> None:
    with translation.override("fa"):
        assert render("{{ n|fa }}", n=1405) == "۱۴۰۵"
        assert render("{{ n|fa }}", n="گام 2 از 3") == "گام ۲ از ۳"
        assert render("{{ n|fa }}", n=None) == "None"
    with translation.override("en"):
        assert render("{{ n|fa }}", n=1405) == "1405"
    with translation.override(None):
        assert render("{{ n|fa }}", n=1405) == "۱۴۰۵"


def test_persian_digits_do_not_make_markup_safe() -> None:
    with translation.override("fa"):
        assert render("{{ n|fa }}", n="<b>1</b>") == "&lt;b&gt;۱&lt;/b&gt;"


def test_days_and_moments() -> None:
    assert render("{{ d|jalali }}", d=dt.date(1986, 6, 17)) == "۲۷ خرداد ۱۳۶۵"
    assert render("{{ d|jalali }}", d=MOMENT) == "۳۰ آبان ۱۴۰۵"
    assert render("{{ d|jalali_time }}", d=MOMENT) == "۳۰ آبان ۱۴۰۵، ساعت ۲۲:۴۵"
    assert render("{{ d|jalali }}{{ d|jalali_time }}", d=None) == ""
    assert render("{{ missing|jalali }}{{ missing|jalali_time }}") == ""


def test_mobiles() -> None:
    assert render("{{ m|local_mobile }} {{ m|masked_mobile }}", m="+989123456789") == "09123456789 0912***6789"
    assert render("{{ m|local_mobile }}{{ m|masked_mobile }}", m="") == ""
    assert render("{{ m|local_mobile }}{{ m|masked_mobile }}", m=None) == ""


@pytest.mark.parametrize("source", ["{{ value|ltr }}", "{% ltr value %}"])
def test_values_from_left_to_right_are_escaped(source: str) -> None:
    assert render(source, value="0912") == '<bdi dir="ltr">0912</bdi>'
    assert render(source, value=12) == '<bdi dir="ltr">12</bdi>'
    assert render(source, value='"><script>&') == '<bdi dir="ltr">&quot;&gt;&lt;script&gt;&amp;</bdi>'


def test_filters_follow_one_another() -> None:
    assert render("{{ m|masked_mobile|ltr }}", m="+989123456789") == '<bdi dir="ltr">0912***6789</bdi>'
