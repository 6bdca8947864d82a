from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from benchmarks.peers.asked import Stated


class User(AbstractBaseUser):
    phone = models.CharField(max_length=16, unique=True, null=True)  # noqa: DJ001  allauth sets it after the first save
    phone_verified = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "phone"
    objects: "ClassVar[BaseUserManager[Any]]" = BaseUserManager()


class Request(Stated):
    user = models.OneToOneField(User, models.CASCADE)
