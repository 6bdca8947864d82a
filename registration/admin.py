"""Django looks for the desk here."""

from registration.desk import admin  # noqa: F401
