"""Changing the password of a signed-in person."""

import logging

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from accounts.models import User
from accounts.notices import tell

log = logging.getLogger(__name__)


@sensitive_variables("password", "password_hash")
def change_password(request: HttpRequest, user: User, password: str) -> bool:
    """Give `user` a new password, which must keep the rules; False if it was changed elsewhere since `user` was read.

    `user` is the account as signin.prove returned it for the present password. This session goes on under a new key;
    all others end, because a session is bound to the password's hash. The owner is told by a text message.
    """
    password_hash = make_password(password)  # outside the transaction: it takes long
    with transaction.atomic():
        present = User.objects.filter(pk=user.pk, password=user.password, is_active=True)
        if not present.update(password=password_hash):
            return False
        tell(user, "password_changed")
    user.password = password_hash
    update_session_auth_hash(request, user)
    log.info("password of %s changed", user)
    return True
