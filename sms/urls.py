from django.urls import include, path

from sms import views
from sms.backends import callback_urls

app_name = "sms"
urlpatterns = [
    path("handset/", views.handset, name="handset"),
    *(path("", include(module)) for module in callback_urls()),
]
