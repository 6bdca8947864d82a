"""What a request that came to nothing has left in an account that waited for a branch with it."""

from django.contrib.auth.hashers import make_password

from accounts.models import User
from registration.models import RegistrationRequest

NOTHING = {"mobile": "", "answers_hash": "", "question_1": None, "question_2": None, "question_3": None}


def empty_account(request: RegistrationRequest) -> None:
    """Of the request's person and mobile, if it was never active: password, answers, questions and mobile are deleted.

    In the transaction that ends the request. Staff's accounts, and those that somebody has signed in with, stay.
    """
    waiting = User.objects.filter(national_code=request.national_code, mobile=request.mobile)
    waiting.filter(activated_at=None, is_staff=False).update(password=make_password(None), **NOTHING)
