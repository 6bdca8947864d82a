"""Rows about what the staff of the desk looked for."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class DeskSearch(models.Model):
    """What somebody of the staff searched for: append-only, and without any personal data.

    `fingerprint`: of the number or the name (registration.lifecycle.searches), by a key: who knows the number can find
    who searched for it, and the row tells nobody the number. `hits`: how many were found, counted no further than the
    page did.
    """

    class Place(models.TextChoices):
        REQUESTS = "requests", _("requests")
        ACCOUNTS = "accounts", _("accounts")
        STAFF = "staff", _("the staff")
        LOOKS = "looks", _("looks")

    class What(models.TextChoices):
        NATIONAL_CODE = "national_code", _("national code")
        MOBILE = "mobile", _("mobile")
        EITHER = "either", _("national code or mobile")
        TRACKING_CODE = "tracking_code", _("tracking code")
        NUMBER = "number", _("another number")
        NAME = "name", _("name")

    at = models.DateTimeField(_("when"), db_default=Now(), editable=False)
    actor = models.ForeignKey("accounts.User", models.PROTECT, db_index=False, related_name="+", verbose_name=_("who"))
    place = models.CharField(_("where"), max_length=8, choices=Place)
    what = models.CharField(_("what"), max_length=13, choices=What)
    fingerprint = models.CharField(max_length=32)
    hits = models.PositiveIntegerField(_("found"))
    client_network = models.GenericIPAddressField(_("address"), help_text=_("Network of the client's address."))

    class Meta:
        verbose_name, verbose_name_plural = _("search at the desk"), _("searches at the desk")
        ordering = ["pk"]
        default_permissions = ("view",)
        indexes = [
            models.Index("at", name="desk_search_at"),
            models.Index("actor", "at", name="desk_search_actor_at"),
            models.Index("fingerprint", "at", name="desk_search_fingerprint_at"),
        ]

    def __str__(self) -> str:
        return f"search {self.pk}"
