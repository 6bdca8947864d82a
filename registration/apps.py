from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistrationConfig(AppConfig):
    name = "registration"
    verbose_name = _("Registration")

    def ready(self) -> None:
        from accounts.profile import history
        from registration.lifecycle import retention
        from registration.pages import own_requests
        from sms.outbox import retention as messages

        history.add_source("registration", own_requests.entries)
        messages.keep_while_open("registration", retention.still_open)
