"""Every page of the desk, found from the addresses of its site: a page that is new there is measured from then on.

A list's links within itself (filters, order, pages) are pages, too, and what its search finds.
"""

import datetime as dt
import html
import re
from collections.abc import Iterator
from typing import Any

from django.db.models import Model
from django.test import Client
from django.urls import get_resolver, reverse

from accounts.models import User
from benchmarks.tables import fail
from iran import jalali
from iran.date_field import tehran_today
from registration.desk.accounts.search import citizens
from registration.desk.site import desk
from registration.management.made_up import people
from registration.models import RegistrationRequest, RequestEvent

SOMEBODY = 12_345  # a made-up person who is in every database that is measured
REQUESTS = "registration_registrationrequest_"
# What a list is narrowed by in a form above it, where no link tells: address → queries.
CHOSEN = {
    f"{REQUESTS}changelist": (
        *("province={province}", "province={province}&city={city}", "flow=eservices", "flow=eservices&status=all"),
        "p=3",
    ),
    "looks-idle": ("day={day}",),
}
LOOKS = ("looks", "idle", "searches", "all")  # what its form offers


def searches(number: int) -> dict[str, str]:
    one = people.person(number)
    return {
        "a national code": one.national_code,
        "a tracking code": people.tracking(number),
        "a mobile": f"0{one.mobile[3:]}",
        "a last name": one.last_name,
        "a full name": f"{one.first_name} {one.last_name}",
        "a first letter": one.last_name[0],
        "nobody’s national code": people.national_code(998_999),
        "nobody’s name": "ظظظظ",
    }


def found(client: Client, place: tuple[str, str], number: int = SOMEBODY) -> dict[str, str]:
    """What it is → its address, of every page that this client may see; `place`: province and city of the lists."""
    pages: dict[str, str] = {}
    for name, parameters in _names():
        if name == "looks-find":
            pages |= _looked_for(client, number)
            continue
        if name.endswith("find"):
            pages |= _searched(client, name, number)
            continue
        address = _address(name, parameters, place[0])
        if address is None:
            continue
        answer = client.get(address)
        if answer.status_code != 200 or not answer.headers["Content-Type"].startswith("text/html"):
            continue  # sent only, or not for this client
        pages[name] = address
        for query in sorted({*_links(answer), *_chosen(name, place)}):
            if client.get(address + query).status_code == 200:
                pages[f"{name} {query}"] = address + query
    return pages


def _names() -> Iterator[tuple[str, list[str]]]:
    """Each named address of the desk and what it needs to be told."""
    _prefix, resolver = get_resolver().namespace_dict[desk.name]
    for name in sorted(key for key in resolver.reverse_dict if isinstance(key, str)):
        possibilities = resolver.reverse_dict.getlist(name)[0][0]
        yield name, list(possibilities[0][1])


def _address(name: str, parameters: list[str], province: str) -> str | None:
    if not parameters:
        return reverse(f"admin:{name}")
    if len(parameters) > 1:
        return None  # Django's own, of contrib.contenttypes
    model = next((one for one in (*desk._registry,) if name.startswith(_of(one))), None)
    if name.startswith("staff-"):
        row: Any = User.objects.filter(staff_events__isnull=False).first()
    elif model is RegistrationRequest:
        row = RegistrationRequest.objects.filter(status="mismatch", identity="mismatch", province=province).first()
    elif model is User:
        row = citizens().filter(national_code=people.national_code(SOMEBODY)).first() or citizens().first()
    elif model is not None:
        row = model._default_manager.first()
    else:
        if name not in {"app_list", "figures-file"}:  # not of the desk; no page but a file
            fail(f"desk: benchmarks/desk_pages.py does not know whose page {name} is")
        return None
    return reverse(f"admin:{name}", args=[row.pk]) if row else None


def _of(model: type[Model]) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}_"


def _links(answer: Any) -> set[str]:
    """To the same page, otherwise asked."""
    return {html.unescape(link) for link in re.findall(r'href="(\?[^"]+)"', answer.content.decode())}


def _chosen(name: str, place: tuple[str, str]) -> list[str]:
    province, city = place
    day = _written(_busy_day())
    return ["?" + query.format(province=province, city=city, day=day) for query in CHOSEN.get(name, ())]


def _busy_day() -> dt.date:
    """One of last month: today may have begun just now."""
    return tehran_today() - dt.timedelta(days=30)


def _written(day: dt.date) -> str:
    return "{}/{}/{}".format(*jalali.from_gregorian(day))


def _searched(client: Client, name: str, number: int) -> dict[str, str]:
    """A search is posted, and leads to its list."""
    pages = {}
    for what, text in searches(number).items():
        answer = client.post(reverse(f"admin:{name}"), {"q": text})
        if answer.status_code == 302:
            pages[f"{name} {what}"] = answer.headers["Location"]
    return pages


def _looked_for(client: Client, number: int) -> dict[str, str]:
    """Each choice of what is looked for with a person, a clerk and a day."""
    pages = {}
    asked = {"a person": {"person": people.person(number).national_code}, "a day": {"day": _written(_busy_day())}}
    seen = RequestEvent.objects.filter(kind=RequestEvent.Kind.VIEWED, actor__isnull=False).select_related("actor")
    if (look := seen.order_by("pk").first()) and look.actor:
        asked["a clerk"] = {"clerk": look.actor.national_code}
    for what, typed in asked.items():
        for kind in LOOKS:
            answer = client.post(reverse("admin:looks-find"), {**typed, "what": kind})
            if answer.status_code == 302:
                pages[f"looks-find {what}, {kind}"] = answer.headers["Location"]
    return pages
