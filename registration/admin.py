"""Where Django's `autodiscover` looks for the pages of the branch desk."""

from registration.desk import admin, lists
from registration.desk.accounts import admin as accounts

__all__ = ["accounts", "admin", "lists"]
