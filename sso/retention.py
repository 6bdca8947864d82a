"""What can count no more is deleted: waiting requests, codes and tokens past their time, notices that are final."""

from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from sso.models import Authorization, LogoutNotice, PendingRequest, ServiceUse, Token, UsedAssertion
from sso.protocol import tokens

ENDED_LIFETIME = timedelta(days=1)  # of a sign-in without `offline_access`, and of one that is over
NOTICE_LIFETIME = timedelta(days=7)
USE_LIFETIME = timedelta(days=400)  # numbers of days, of nobody


def purge() -> None:
    PendingRequest.objects.filter(expires_at__lt=Now()).delete()
    UsedAssertion.objects.filter(expires_at__lt=Now()).delete()
    Token.objects.filter(expires_at__lt=Now()).delete()
    old = Q(created_at__lt=Now() - ENDED_LIFETIME)
    over = Q(ended_at__isnull=False) | ~Q(scope__contains="offline_access")
    Authorization.objects.filter(old & over | Q(created_at__lt=Now() - tokens.REFRESH_LIFETIME)).delete()
    LogoutNotice.objects.filter(created_at__lt=Now() - NOTICE_LIFETIME).exclude(outcome="waiting").delete()
    ServiceUse.objects.filter(day__lt=timezone.localdate() - USE_LIFETIME).delete()
