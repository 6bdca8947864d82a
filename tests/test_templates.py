"""The citizens' pages, drawn with contexts made by hand: what each must have, in every state and both languages."""

import re

import pytest

from accounts.models import Branch, Device, User
from accounts.passwords.rules import RULES
from tests.drawn_pages import (
    CITIZEN,
    CODE,
    FORMS,
    NO_ANSWERS,
    NOON,
    PLAIN,
    STATIC,
    Context,
    Page,
    draw,
    identity,
    pages,
)

pytestmark = pytest.mark.django_db

REFERRING = ("data-reveal", "data-rules", "data-combobox", "data-province", "data-country", "data-fill")


def test_every_page_has_its_frame_and_one_heading_of_its_own() -> None:
    headings: dict[str, str] = {}
    for name, page in pages():
        assert [tag["lang"] for tag in page.all("html")] == ["fa"], name
        assert [tag["dir"] for tag in page.all("html")] == ["rtl"], name
        (heading,) = page.texts["h1"]
        template = name.split()[0]
        assert headings.setdefault(heading, template) == template, "two pages share a heading"
        assert re.match("(خطا: )?[آ-ی]", page.texts["title"][0]), name
        assert "1420" in page.html, name
        assert [tag["id"] for tag in page.all("main")] == ["main"], name


def test_the_english_pages_run_from_left_to_right() -> None:
    for name, page in pages("en"):
        if name not in STATIC:
            assert page.all("html")[0] == {"lang": "en", "dir": "ltr"}, name
            assert not re.search("[آ-ی]", page.texts["h1"][0]), name


def test_a_page_with_errors_says_so_first() -> None:
    for template, make in FORMS.items():
        page = draw(template, make(NO_ANSWERS))
        assert page.texts["title"][0].startswith("خطا: "), template
        assert page.tags.index(("main", page.all("main")[0])) + 1 == page.tags.index(summary := _summary(page)), (
            template
        )
        assert summary[1]["role"] == "alert"
        assert not draw(template, make(None)).texts["title"][0].startswith("خطا"), template


def _summary(page: Page) -> tuple[str, dict[str, str]]:
    return next(tag for tag in page.tags if "data-summary" in tag[1])


def test_each_error_of_the_summary_leads_to_a_control_and_stands_beside_it() -> None:
    for template, make in FORMS.items():
        page = draw(template, make(NO_ANSWERS))
        links = [tag["href"][1:] for tag in page.all("a") if tag.get("href", "").startswith("#id_")]
        errors = sum(len(field.errors) for field in make(NO_ANSWERS)["form"])
        assert len(links) == errors > 0, template
        for link in links:
            assert page.by_id(link)["aria-invalid"] == "true" or "radio" in page.by_id(link)["type"], link


def test_every_reference_inside_a_page_has_its_target() -> None:
    for name, page in pages():
        identifiers = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
        assert len(identifiers) == len(set(identifiers)), name
        for tag, attrs in page.tags:
            wanted = [attrs[key] for key in ("for", "aria-labelledby", "aria-describedby") if key in attrs]
            wanted += [attrs[key] for key in REFERRING if key in attrs]
            wanted += [attrs["href"][1:]] if attrs.get("href", "").startswith("#") else []
            for reference in " ".join(wanted).split():
                assert reference in identifiers, f"{name}: <{tag}> refers to {reference}"


def test_every_control_has_a_label_and_leaves_the_judging_to_the_server() -> None:
    for name, page in pages():
        labelled = {tag.get("for") for tag in page.all("label")}
        for control in page.all("input", "select", "textarea"):
            if control.get("type") == "hidden" or "hidden" in control:
                continue
            assert control.get("id") in labelled, f"{name}: {control}"
            judging = {"required", "pattern", "maxlength", "minlength", "placeholder", "disabled"} & control.keys()
            assert not judging, f"{name}: {control}"
            assert control.get("type") != "number", name
        for button in page.all("button"):
            assert button["type"] in {"submit", "button"}, name
            assert "disabled" not in button, name


def test_every_form_that_changes_something_is_protected_and_unjudged() -> None:
    for name, page in pages():
        posts = [form for form in page.all("form") if form["method"] == "post"]
        tokens = [field for field in page.all("input") if field.get("name") == "csrfmiddlewaretoken"]
        assert len(tokens) == len(posts), name
        main_forms = [form for form in posts if "action" not in form]
        assert all("novalidate" in form and "data-guard" in form for form in main_forms), name
        assert len(main_forms) == (1 if name.split()[0] in {*FORMS, "four", "accounts/email_confirm.html"} else 0), name


def test_nothing_typed_as_a_password_comes_back() -> None:
    typed = {
        "password1": "Sabz12345!",
        "password2": "Sabz12345!",
        "password": "Sabz12345!",
        "current_password": "Sabz12345!",
    }
    for template in ("registration/identity.html", "accounts/password_change.html"):
        make = FORMS[template]
        prefixed = {f"identity-{name}": value for name, value in typed.items()} if make is identity else {}
        assert "Sabz12345" not in draw(template, make(prefixed or {"password1": "Sabz12345!"})).html


HOSTILE = "\"><script>alert(1)</script>'&lt;{{ 7 * 7 }}{% raw %}"


def test_nothing_typed_becomes_markup() -> None:
    for template, make in FORMS.items():
        context, other = make(None), make(None)
        form = context["form"]
        form.initial = {name: [HOSTILE] * 3 if name == "birth_date" else HOSTILE for name in form.fields}
        page, plain = draw(template, context), draw(template, other)
        assert [tag for tag, _ in page.tags] == [tag for tag, _ in plain.tags], template
        shown = [tag["value"] for tag in page.all("input") if HOSTILE in tag.get("value", "")]
        texts = [field for field in form if field.widget_type in ("plain", "text", "hidden", "jalalidate")]
        assert len(shown) == len(texts) + 2 * sum(field.name == "birth_date" for field in texts), template


def test_nothing_that_a_page_is_told_becomes_markup() -> None:
    hostile = User(national_code=CODE, mobile=CITIZEN.mobile, first_name=HOSTILE, last_name=HOSTILE, email=HOSTILE)
    pages: dict[str, Context] = {
        "accounts/profile.html": {"devices": [Device(pk=1, name=HOSTILE, seen_at=NOON)], "may_change_email": True},
        "429.html": {"limit": HOSTILE},
        "handset.html": {"sms": [{"to": HOSTILE, "text": HOSTILE}], "to": HOSTILE},
        "registration/received.html": {
            "submitted": {"tracking_code": HOSTILE},
            "mobile": HOSTILE,
            "branches": [Branch(name=HOSTILE)],
        },
        "registration/branches.html": {"provinces": [HOSTILE], "province": HOSTILE, "branches": [Branch(name=HOSTILE)]},
        "registration/track.html": {
            "form": None,
            "found": {"tracking_code": HOSTILE},
            "headline": HOSTILE,
            "advice": HOSTILE,
        },
    }
    for template, told in pages.items():
        page = draw(template, told | {"user": hostile})
        assert all("src" in script for script in page.all("script")), template
        assert "<script>" not in page.html
        assert "alert(1)" in page.html
        assert "49" not in page.texts["main"][0]


def test_a_password_manager_learns_whose_new_password_it_is() -> None:
    for template in ("registration/identity.html", "accounts/password_change.html"):
        page = draw(template, FORMS[template](None))
        (username,) = [tag for tag in page.all("input") if tag.get("autocomplete") == "username"]
        assert username["value"] == CODE
        assert [tag["data-rule"] for _, tag in page.tags if "data-rule" in tag] == [key for key, _ in RULES]


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        (("", "", ""), {0, 1, 2}),
        (("", "3", "1365"), {0}),
        (("27", "", "1365"), {1}),
        (("27", "3", ""), {2}),
        (("", "", "1365"), {0, 1}),
        (("27", "", ""), {1, 2}),
        (("27", "13", "1365"), {1}),
        (("27", "3", "65"), {2}),
        (("27", "3", "1986"), {2}),
        (("31", "7", "1365"), {0, 1}),
        (("27", "3", "1480"), {0, 1, 2}),
    ],
)
def test_the_wrong_part_of_a_date_is_marked_and_linked(typed: tuple[str, ...], wrong: set[int]) -> None:
    parts = dict(zip(("day", "month", "year"), typed, strict=True))
    page = draw(
        "registration/identity.html", identity({f"identity-birth_date_{part}": value for part, value in parts.items()})
    )
    marked = {part for part in range(3) if "aria-invalid" in page.by_id(f"id_identity-birth_date_{part}")}
    assert marked == wrong
    linked = [tag["href"] for tag in page.all("a") if tag.get("href", "").startswith("#id_identity-birth_date")]
    assert linked == [f"#id_identity-birth_date_{min(wrong)}"]


def test_the_name_in_the_corner_leads_to_the_profile_and_out() -> None:
    page = draw("home.html", PLAIN["home.html"] | {"user": CITIZEN})
    assert "زهرا محمدی" in page.html
    assert "/accounts/profile/" in [tag["href"] for tag in page.all("a")]
    assert ("post", "/accounts/logout/") in [
        (form["method"], form["action"]) for form in page.all("form") if "action" in form
    ]
    assert "/accounts/logout/" not in draw("home.html", PLAIN["home.html"]).html


def test_mobiles_and_national_codes_are_masked_where_the_owner_need_not_read_them() -> None:
    html = draw("accounts/profile.html", PLAIN["accounts/profile.html"]).html
    assert "09120000001" not in html
    assert CODE not in html
    assert "0912***0001" in html


def test_who_typed_a_mobile_sees_it_whole_beside_the_way_to_change_it() -> None:
    html = draw("registration/activation.html", FORMS["registration/activation.html"](None)).html
    assert "09120000001</bdi>" in html
    assert CODE not in html


def test_the_page_of_limits_says_when_to_come_back() -> None:
    assert "45 seconds" in draw("429.html", {"limit": "Come back in 45 seconds."}).texts["main"][0]
