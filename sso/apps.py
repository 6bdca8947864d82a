from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SsoConfig(AppConfig):
    name = "sso"
    verbose_name = _("Sign-in of other services")

    def ready(self) -> None:
        from accounts.profile import connected
        from accounts.sign_in import callers, endings
        from infra import due_work
        from sso.endings import ends, notices
        from sso.pages import own_services, pending

        connected.add_source("sso", own_services.lines)
        connected.add_offers("sso", own_services.offers)
        callers.add_source("sso", pending.behind, pending.known)
        endings.add_listener("sso", ends.session_ended)
        due_work.add("ended sign-ins at services", lambda go_on: ends.sweep() if go_on() else 0)
        due_work.add("notices of sign-outs", notices.drain)
