"""Without keys other services cannot sign anybody in: then there is nothing at their addresses."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from sso import keys

View = Callable[..., HttpResponse]


def offered(view: View) -> View:
    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not keys.is_offered():
            raise Http404
        return view(request, *args, **kwargs)

    return page
