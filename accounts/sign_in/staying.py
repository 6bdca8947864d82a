"""The answer to somebody who says to be still there, before a session or a proof ends."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect


def answered(request: HttpRequest, left: tuple[int, int], page: str) -> HttpResponse:
    """A script's as JSON, in seconds until the end and until the end in any case; a form's leads to `page`."""
    if request.headers.get("Accept") != "application/json":
        return redirect(page)
    seconds, in_any_case = left
    return JsonResponse({"seconds": seconds, "longest": in_any_case})
