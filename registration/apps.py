from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class RegistrationConfig(AppConfig):
    name = "registration"
    verbose_name = _("Registration")

    def ready(self) -> None:
        from accounts.profile import history
        from accounts.sign_in import callers, sessions
        from registration.lifecycle import retention
        from registration.pages import own_requests
        from registration.wizard import session as wizard_session
        from sms.outbox import retention as messages

        history.add_source("registration", own_requests.entries)
        callers.add_origin("registration", own_requests.origin)
        sessions.outlive_sign_in(wizard_session.NAMES)
        messages.keep_while_open("registration", retention.still_open)
        post_migrate.connect(_make_roles, sender=self)


def _make_roles(*, using: str, apps: Any = None, **_: Any) -> None:
    """The desk's roles are there as soon as their tables are. `apps`: what there is after the migration."""
    from django.apps import apps as portal
    from django.contrib.auth.management import create_permissions

    from registration.desk import roles

    needed = {("auth", "group"), ("accounts", "staffevent"), ("sso", "service")}
    if using != "default" or not needed <= set(_models(apps or portal)):
        return
    for app in roles.apps():  # Django makes those of an app when its own turn comes
        create_permissions(portal.get_app_config(app), verbosity=0, using=using)
    roles.ensure_roles()


def _models(apps: Any) -> list[tuple[str, str]]:
    return [(model._meta.app_label, model._meta.model_name) for model in apps.get_models()]
