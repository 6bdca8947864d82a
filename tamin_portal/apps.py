from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate, pre_migrate


class PortalConfig(AppConfig):
    name = "tamin_portal"

    def ready(self) -> None:
        from infra import migrating
        from registration.desk.site import desk
        from sso.desk.admin import ServiceAdmin, ServiceEventAdmin
        from sso.models import Service, ServiceEvent
        from tamin_portal import checks  # noqa: F401  registers the deployment checks

        with_models = apps.get_app_config("accounts")  # only such apps are told
        pre_migrate.connect(migrating.without_limit, sender=with_models)
        post_migrate.connect(migrating.as_always, sender=with_models)
        desk.register(Service, ServiceAdmin)
        desk.register(ServiceEvent, ServiceEventAdmin)
