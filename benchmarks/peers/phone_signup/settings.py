from benchmarks.peers.common import *  # noqa: F403
from benchmarks.peers.common import MIDDLEWARE as COMMON

ROOT_URLCONF = "benchmarks.peers.phone_signup.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "allauth",
    "allauth.account",
    "benchmarks.peers.phone_signup",
]
MIDDLEWARE = [
    *COMMON,
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_USER_MODEL = "phone_signup.User"
LOGIN_REDIRECT_URL = "/received/"
ALLAUTH_TRUSTED_CLIENT_IP_HEADER = "X-Real-IP"  # every citizen has one; the limits are allauth's own
ACCOUNT_ADAPTER = "benchmarks.peers.phone_signup.adapter.Adapter"
ACCOUNT_LOGIN_METHODS = {"phone"}
ACCOUNT_SIGNUP_FIELDS = ["phone*", "password1*", "password2*"]
ACCOUNT_SIGNUP_FORM_CLASS = "benchmarks.peers.phone_signup.forms.SignupForm"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
