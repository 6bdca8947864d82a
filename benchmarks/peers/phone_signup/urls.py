from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path


def received(request: HttpRequest) -> HttpResponse:
    return render(request, "account/received.html")


urlpatterns = [path("accounts/", include("allauth.account.urls")), path("received/", received)]
