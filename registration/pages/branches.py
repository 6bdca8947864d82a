"""The directory of branches, by province and city."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from iran.letters import alphabet_key
from registration.pages.nearest_branches import directory


@login_not_required
@require_safe
def branches(request: HttpRequest) -> HttpResponse:
    """All provinces that have branches; with `?province=` its cities and branches; with `?city=` only those there."""
    provinces = sorted(directory(), key=alphabet_key)
    province, city = request.GET.get("province", ""), request.GET.get("city", "")
    here = directory().get(province, [])
    cities = sorted({branch.city for branch in here}, key=alphabet_key)
    shown = sorted(
        (branch for branch in here if city in ("", branch.city)),
        key=lambda branch: (alphabet_key(branch.city), alphabet_key(branch.name)),
    )
    context = {"provinces": provinces, "province": province, "cities": cities, "city": city, "branches": shown}
    return render(request, "registration/branches.html", context)
