from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SsoConfig(AppConfig):
    name = "sso"
    verbose_name = _("Sign-in of other services")

    def ready(self) -> None:
        from accounts.profile import connected
        from accounts.sign_in import callers, endings
        from sso.endings import ends
        from sso.pages import own_services, pending

        connected.add_source("sso", own_services.lines)
        callers.add_source("sso", pending.caller)
        endings.add_listener("sso", ends.session_ended)
