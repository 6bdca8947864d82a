from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "tamin_portal"

    def ready(self) -> None:
        from tamin_portal import checks  # noqa: F401  registers the deployment checks
