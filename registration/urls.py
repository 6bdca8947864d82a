from django.conf import settings
from django.urls import path

from registration.pages import branches, guide, home, own_request, track
from registration.wizard import beside, views
from registration.wizard.flows import FLOWS

app_name = "registration"
urlpatterns = [
    path("", home.home, name="home"),
    path("registration/track/", track.track, name="track"),
    path("registration/track/send/", track.send, name="track-send"),
    path("registration/track/code/", own_request.code, name="track-code"),
    path("registration/track/code/resend/", own_request.resend, name="track-resend"),
    path("registration/track/code/call/", own_request.resend, {"by_voice": True}, name="track-call"),
    path("registration/track/code/stay/", own_request.stay, name="track-stay"),
    path("registration/track/request/", own_request.page, name="track-request"),
    path("registration/track/request/look/", own_request.look, name="track-look"),
    path("registration/track/request/withdraw/", own_request.withdraw, name="track-withdraw"),
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
