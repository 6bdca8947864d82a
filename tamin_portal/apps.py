from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "tamin_portal"

    def ready(self) -> None:
        from registration.desk.site import desk
        from sso.desk.admin import ServiceAdmin, ServiceEventAdmin
        from sso.models import Service, ServiceEvent
        from tamin_portal import checks  # noqa: F401  registers the deployment checks

        desk.register(Service, ServiceAdmin)
        desk.register(ServiceEvent, ServiceEventAdmin)
