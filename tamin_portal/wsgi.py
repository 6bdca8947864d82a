"""The WSGI callable that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tamin_portal.settings")

application = get_wsgi_application()

from sms.outbox import follow_up  # noqa: E402  models are there from here on

follow_up.switch_on()
