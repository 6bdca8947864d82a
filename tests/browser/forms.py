"""Filling in the pages as a citizen does, through labels' fields and buttons."""

from playwright.sync_api import Page, expect

from registration.pages.places import province_of
from tests.registration.wizard.walking import Citizen, code_on_phone

CHOSEN = ("certificate_series_letter", "country", "city")
QUESTION = ("question_1", "question_2", "question_3")


def fill(page: Page, step: str, answers: dict[str, str], *, script: bool = True) -> None:
    for name, value in answers.items():
        field = page.locator(f"[name={step}-{name}]")
        if name == "city" and script:
            choose_city(page, value)
            continue
        if name == "city":
            list_cities(page, province_of(value))
        if name == "country" and not field.locator(f"option[value={value}]").count():
            list_countries(page, script=script)
        if name in CHOSEN or name == "operator":
            field.select_option(value)
        elif name in QUESTION:
            field.select_option(index=int(name[-1]))
        elif name == "gender":
            page.check(f"[name={step}-gender][value={value}]")
        elif field.is_visible():  # the foreign city hides while the country is Iran
            field.fill(value)


def choose_city(page: Page, city: str) -> None:
    """As on a keyboard: part of the name, then the city of the list."""
    box = page.get_by_role("combobox", name="شهر")
    box.fill(city)
    page.locator(f"[role=option][data-value='{city}']").click()


def list_cities(page: Page, province: str) -> None:
    """Without a script: another page with the cities of the province."""
    page.select_option("[name=identity-province]", province)
    with page.expect_navigation():
        page.click("[name=identity-show_cities]")


def list_countries(page: Page, *, script: bool) -> None:
    """With a script they come by themselves; without it there is another page that has them all."""
    if script:
        expect(page.locator("[data-countries]")).to_have_count(0)
        return
    with page.expect_navigation():
        page.click("[name=identity-show_countries]")


def press(page: Page, where: str) -> None:
    """Press what leads to another page, and wait for that page."""
    with page.expect_navigation():
        page.click(where)


def send(page: Page) -> None:
    """Press the button of the step's own form and wait for the page that follows."""
    form = page.locator("form", has=page.locator("[name=registration-current_step]"))
    with page.expect_navigation():
        form.locator("button[type=submit]:not(.secondary)").click()


def to_identity(page: Page, person: Citizen) -> None:
    fill(page, "contact", person.contact)
    send(page)
    page.fill("[name=activation-code]", code_on_phone(person))
    send(page)
