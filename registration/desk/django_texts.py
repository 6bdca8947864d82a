"""Texts of Django's admin that its own Persian catalogue lacks (Django 5.2), so that ours has them."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

UNTRANSLATED = [
    _("Breadcrumbs"),
    _("Model name"),
    _("Select this object for an action - {}"),
    _("In case you’ve forgotten, you are:"),
    _("This action will <strong>enable</strong> password-based authentication for this user."),
    ngettext_lazy("entry", "entries", "count"),
    ngettext_lazy("Please correct the error below.", "Please correct the errors below.", "count"),
]
