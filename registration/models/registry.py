"""Rows of the reference registry: what `IDENTITY_BACKEND=reference` asks. Filled by `manage.py import_registry`."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from iran.numbers import E164, NATIONAL_CODE


class CivilRecord(Person):
    """A person as the civil registry has it. Fields that a source lacks are empty: absent is not different."""

    father_name = models.CharField(_("father's name"), max_length=60, blank=True, default="")
    is_alive = models.BooleanField(_("alive"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("civil record"), _("civil records")
        constraints = [
            models.UniqueConstraint(fields=["national_code"], name="civil_record_national_code"),
            models.CheckConstraint(condition=Q(national_code__regex=NATIONAL_CODE), name="civil_record_code_digits"),
        ]

    def __str__(self) -> str:
        return f"civil record {self.pk}"


class MobileOwner(models.Model):
    """Whose a mobile is: the national code that its subscription is registered to."""

    mobile = models.CharField(_("mobile"), max_length=16)
    national_code = models.CharField(_("national code"), max_length=10)

    class Meta:
        verbose_name, verbose_name_plural = _("owner of a mobile"), _("owners of mobiles")
        constraints = [
            # Not unique=True: that brings a second index, for LIKE, which only costs at imports.
            models.UniqueConstraint(fields=["mobile"], name="mobile_owner_mobile"),
            models.CheckConstraint(condition=Q(mobile__regex=E164), name="mobile_owner_e164"),
            models.CheckConstraint(condition=Q(national_code__regex=NATIONAL_CODE), name="mobile_owner_code_digits"),
        ]

    def __str__(self) -> str:
        return f"owner of mobile {self.pk}"
