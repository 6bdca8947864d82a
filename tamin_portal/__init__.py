"""Wiring: settings, addresses, Celery. Nothing imports it but Django and Celery themselves."""

from tamin_portal.celery import app as celery_app  # so that `shared_task` of every process finds the broker

__all__ = ["celery_app"]
