"""What templates name as literals is found when they are compiled, for each language (tamin_portal.pages)."""

import pytest
from django.template import engines
from django.test import RequestFactory
from django.utils import translation
from jinja2 import Environment
from jinja2.exceptions import UndefinedError

from tamin_portal.pages import FoundOnce


def drawn(source: str, language: str = "en", **context: object) -> str:
    with translation.override(language):
        return Environment(extensions=[FoundOnce], autoescape=True).from_string(source).render(context)


def test_words_are_those_of_the_language_that_the_template_is_compiled_in() -> None:
    assert drawn('{{ _("Sign out") }}') == "Sign out"
    assert drawn("{{ _('Sign out') if user else '' }}", "fa", user="somebody") == "خروج"


def test_our_words_may_hold_markup_and_what_is_put_into_them_is_escaped() -> None:
    source = '{{ _("<b>%(name)s</b> & more")|format(name=name) }}{{ _("<i>") }}'
    assert drawn(source, name="<script>") == "<b>&lt;script&gt;</b> & more<i>"


def test_addresses_and_files_are_text_like_any_other() -> None:
    assert drawn('{{ url("accounts:login") }} {{ static("css/app.css") }}') == "/accounts/login/ /static/css/app.css"
    assert drawn("{{ url(name) }}", url=lambda name: f"<{name}>", name="a") == "&lt;a&gt;", "not with a name"


@pytest.mark.parametrize("source", ["{{ _(words) }}", '{{ _("one" ~ words) }}', '{{ _("one", words) }}'])
def test_words_that_are_not_written_in_the_template_are_an_error(source: str) -> None:
    with pytest.raises(UndefinedError, match="_"):
        drawn(source, words="two")


def test_a_page_is_drawn_in_the_language_of_its_visitor_whoever_came_before() -> None:
    pages = engines["jinja2"]
    for language, title in (("fa", "صفحه پیدا نشد"), ("en", "Page not found"), ("fa", "صفحه پیدا نشد")):
        with translation.override(language):
            assert title in pages.get_template("404.html").render({}, RequestFactory().get("/"))
