from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _


class SmsConfig(AppConfig):
    name = "sms"
    verbose_name = _("Text messages")

    def ready(self) -> None:
        """Ends the process with one line when no message could leave it: SystemExit, as for every unusable setting."""
        from sms import backends, checks  # noqa: F401  registers what operators should know

        try:
            problem = backends.missing_setting()
        except ImproperlyConfigured as error:
            problem = str(error)
        if problem:
            raise SystemExit(problem)
