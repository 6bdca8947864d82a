"""All addresses (docs/contract.md, addresses). Public ones say so with `login_not_required`; tests list them."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from registration.desk.site import desk
from tamin_portal import health
from tamin_portal.metrics import metrics
from tamin_portal.robots import robots
from tamin_portal.security_txt import security_txt

urlpatterns = [
    path("", include("registration.urls")),
    path("accounts/", include("accounts.urls")),
    path("", include("sso.urls")),
    path("", include("sms.urls")),
    path("language/", login_not_required(require_POST(set_language)), name="set_language"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("health/state", health.state, name="health-state"),
    path("metrics", metrics, name="metrics"),
    path("robots.txt", robots, name="robots"),
    path(".well-known/security.txt", security_txt, name="security-txt"),
    path(settings.ADMIN_PATH, desk.urls),
]
handler400 = "tamin_portal.errors.bad_request"
handler403 = "tamin_portal.errors.forbidden"
handler404 = "tamin_portal.errors.not_found"
handler500 = "tamin_portal.errors.server_error"
