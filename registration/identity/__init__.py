"""Asking the outside who an applicant is. One protocol (base), one place of comparison rules (compare), a file per service."""

from registration.identity.base import get_backend

__all__ = ["get_backend"]
