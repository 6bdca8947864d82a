"""`python project.py PORT` in a folder with configured.py and people.py of docs/services.md: a Django project that
signs people in by mozilla-django-oidc. Prints a line when it answers.
"""

import sys
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path


def page(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    return JsonResponse({name: getattr(user, name, "") for name in ("username", "first_name", "last_name")})


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Nobody reads it."""


def main(port: str) -> None:
    import configured  # type: ignore[import-not-found]  # of the folder it runs in

    apps = ["auth", "contenttypes", "sessions"]
    settings.configure(
        SECRET_KEY="of a service in the tests",
        ALLOWED_HOSTS=["localhost"],
        INSTALLED_APPS=[*(f"django.contrib.{name}" for name in apps), "mozilla_django_oidc"],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "rows"}},
        MIGRATION_MODULES=dict.fromkeys(apps),
        USE_TZ=True,
        **{name: value for name, value in vars(configured).items() if name.isupper()},
    )
    settings.ROOT_URLCONF = (path("", page), path("oidc/", include("mozilla_django_oidc.urls")))
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    with make_server("127.0.0.1", int(port), get_wsgi_application(), handler_class=Quiet) as server:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
