"""The desk's pages of accounts over HTTP, as a clerk's browser uses them."""

from typing import Any

from django.test import Client

from accounts.models import User

ACCOUNTS = "/desk/accounts/user/"


def record(user: User) -> str:
    return f"{ACCOUNTS}{user.pk}/change/"


def page_of(user: User, act: str) -> str:
    return f"{ACCOUNTS}{user.pk}/{act}/"


def found(client: Client, typed: str) -> list[int]:
    """Primary keys in the list after a search from the desk's form."""
    sent = client.post(f"{ACCOUNTS}find/", {"q": typed})
    assert sent.status_code == 302
    response = client.get(sent.headers["Location"])
    assert response.status_code == 200
    return [user.pk for user in response.context["cl"].result_list]


def reason(user: User, details: str = "تلفنی گفت", **more: Any) -> dict[str, Any]:
    """What a clerk fills in on the page of an errand, with the account as it is now."""
    version = User.objects.values_list("security_version", flat=True).get(pk=user.pk)
    return {"reason": "other", "details": details, "version": version, **more}
