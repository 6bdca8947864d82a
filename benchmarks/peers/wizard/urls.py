from django.urls import path

from benchmarks.peers.wizard.views import Registration, received

urlpatterns = [path("", Registration.as_view(), name="registration"), path("received/", received, name="received")]
