from django.urls import path

from sms import views
from sms.backends.kavenegar import callback

app_name = "sms"
urlpatterns = [
    path("handset/", views.handset, name="handset"),
    path("sms/kavenegar/status", callback.kavenegar, name="kavenegar-status"),
    path("sms/kavenegar/status/<str:secret>", callback.kavenegar, name="kavenegar-status"),
]
