from django.conf import settings
from django.urls import path

from registration.pages import branches, guide, home, track
from registration.wizard import beside, views
from registration.wizard.flows import FLOWS

app_name = "registration"
urlpatterns = [
    path("", home.home, name="home"),
    path("registration/track/", track.track, name="track"),
    path("branches/", branches.branches, name="branches"),
    path("guide/", guide.guide, name="guide"),
]
for name in settings.REGISTRATION_FLOWS:
    address = FLOWS[name].path
    urlpatterns += [
        path(
            address,
            views.RegistrationWizard.as_view(list(FLOWS[name].steps.items())),
            {"flow": name},
            name=f"{name}-registration",
        ),
        path(f"{address}resend/", beside.resend, {"flow": name}, name=f"{name}-resend"),
        path(f"{address}call/", beside.resend, {"flow": name, "by_voice": True}, name=f"{name}-call"),
        path(f"{address}received/", beside.received, {"flow": name}, name=f"{name}-received"),
    ]
