"""Addresses of the provider. Those that services ask have no slash at the end: a redirect would lose what was sent."""

from django.urls import path

from sso.demo import views as demo_views
from sso.endings import views as ending_views
from sso.pages import views as page_views
from sso.protocol import views as protocol_views

app_name = "sso"
urlpatterns = [
    path(".well-known/openid-configuration", protocol_views.discovery, name="discovery"),
    path("o/jwks.json", protocol_views.jwks, name="jwks"),
    path("o/authorize", page_views.authorize, name="authorize"),
    path("o/continue/<str:key>/", page_views.go_on, name="continue"),
    path("o/onward/<str:client_id>/", page_views.onward, name="onward"),
    path("o/token", protocol_views.token, name="token"),
    path("o/userinfo", protocol_views.userinfo, name="userinfo"),
    path("o/revoke", protocol_views.revoke, name="revoke"),
    path("o/logout", ending_views.end_session, name="logout"),
    path("accounts/profile/services/<int:pk>/disconnect/", page_views.disconnect, name="disconnect"),
    path("demo-service/", demo_views.first, name="demo"),
    path("demo-service/start/<slug:way>/", demo_views.start, name="demo-start"),
    path("demo-service/back", demo_views.come_back, name="demo-back"),
]
