"""What is typed as a service's keys: what cannot be kept is refused beside the field, and shown as it was typed."""

import json
from html import unescape

import pytest
from joserfc.jwk import ECKey

from registration.desk import roles
from sso.models import Service
from tests.sso.relying import make_service
from tests.sso.test_desk import LIST, changed, member

pytestmark = pytest.mark.django_db
KEY = ECKey.generate_key("P-256").as_dict(private=False)


def with_more(more: str) -> str:
    """A valid set of keys, and beside them a member which no JWKS needs."""
    return f'{{"keys": [{json.dumps(KEY)}], "x": {more}}}'


NOT_KEPT = {
    "unclosed": "[" * 4000,
    "key is deep": '{"keys": ' + "[" * 40 + "]" * 40 + "}",
    "deep": with_more("[" * 10 + "]" * 10),
    "very deep": with_more("[" * 900 + "]" * 900),
    "kid with NUL": json.dumps({"keys": [{**KEY, "kid": "a\0"}]}),
    "NUL": with_more(r'"\u0000"'),
    "name with NUL": with_more(r'[{"\u0000": 1}]'),
    "half a pair": with_more(r'"\ud800"'),
    "NaN": with_more("NaN"),
    "Infinity": with_more("[-Infinity]"),
    "too great": with_more("1e999"),
}


@pytest.mark.parametrize("typed", NOT_KEPT.values(), ids=NOT_KEPT)
def test_what_cannot_be_kept_is_refused_beside_its_field(typed: str) -> None:
    head, service = member(501, roles.HEAD_OFFICE)[0], make_service(address="https://service.example/")
    response = head.post(f"{LIST}{service.pk}/change/", changed(service, jwks=typed))
    assert response.status_code == 200
    page = unescape(response.content.decode())
    assert "در کلیدها نویسه یا عددی هست که نگه‌داشتنی نیست" in page
    assert typed in page
    assert Service.objects.get().jwks == {}


def test_what_is_odd_and_can_be_kept_is_kept() -> None:
    head, service = member(501, roles.HEAD_OFFICE)[0], make_service(address="https://service.example/")
    typed = with_more(r'["\ud83d\ude00", 1.5, -1, null, true, {"x": {}}]')
    assert head.post(f"{LIST}{service.pk}/change/", changed(service, jwks=typed)).status_code == 302
    assert Service.objects.get().jwks == json.loads(typed)
