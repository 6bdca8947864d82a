"""Where Django's `autodiscover` looks for the pages of the branch desk."""

from registration.desk import admin, lists

__all__ = ["admin", "lists"]
