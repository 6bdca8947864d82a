from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from sms.backends.base import DeliveryState
from sms.outbox import reports


@login_not_required
def delivered(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(reports.record("second", {request.GET["id"]: DeliveryState.DELIVERED})))


urlpatterns = [path("sms/second/delivered", delivered)]
