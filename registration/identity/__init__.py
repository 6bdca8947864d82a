"""Asking who an applicant is: one protocol (base), one place of comparison rules (compare), one file per service."""

from registration.identity.base import get_backend

__all__ = ["get_backend"]
