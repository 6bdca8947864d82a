from django.urls import path

from sms.backends.kavenegar import callback

urlpatterns = [
    path("sms/kavenegar/status", callback.kavenegar, name="kavenegar-status"),
    path("sms/kavenegar/status/<str:secret>", callback.kavenegar, name="kavenegar-status"),
]
