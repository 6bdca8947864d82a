from django.urls import path

from sms import views

app_name = "sms"
urlpatterns = [path("handset/", views.handset, name="handset")]
