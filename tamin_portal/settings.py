"""All settings of the portal, in one file. What differs between machines comes from the environment: docs/contract.md.

Numbers of the field (limits, lifetimes) stand at the bottom, each beside the variable that changes it.
"""

from pathlib import Path
from typing import Any

import django
from django.utils.translation import gettext_lazy as _

from sms.backends import BACKENDS
from tamin_portal import env

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("DATA_DIR", ".portal")).absolute()

# ── this machine ──────────────────────────────────────────────────────────────────────────────────────────────────────
DEBUG = env.switch("DEBUG", "off")
HTTPS = env.switch("HTTPS", "on")
SECRET_KEY, *SECRET_KEY_FALLBACKS = env.keys("SECRET_KEY", needed=True)
# Of keys with one purpose each (infra.keys); empty: they are derived from SECRET_KEY.
CODES_KEY, *CODES_KEY_FALLBACKS = env.keys("CODES_KEY")
FACTORS_KEY, *FACTORS_KEY_FALLBACKS = env.keys("FACTORS_KEY")
TOKENS_KEY, *TOKENS_KEY_FALLBACKS = env.keys("TOKENS_KEY")
FINGERPRINTS_KEY, *FINGERPRINTS_KEY_FALLBACKS = env.keys("FINGERPRINTS_KEY")
PORTAL_HOST = env.host("PORTAL_HOST", "localhost")
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", PORTAL_HOST.partition(":")[0])
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")
ADMIN_PATH = env.path("ADMIN_PATH", "desk/")
STAFF_SECOND_FACTOR = env.choice("STAFF_SECOND_FACTOR", ("required", "off"), "required")
SECURITY_CONTACT = env.words(  # for security.txt, the preferred one first; empty: no such file
    "SECURITY_CONTACT", "", "(mailto:|https://|tel:)[!-~]+", "addresses that begin with mailto:, https:// or tel:"
)
METRICS_TOKEN = env.token("METRICS_TOKEN", "[!-~]")  # empty: /metrics answers this machine alone

# ── applications ──────────────────────────────────────────────────────────────────────────────────────────────────────
INSTALLED_APPS = [
    "tamin_portal.apps.PortalConfig",
    "registration.apps.RegistrationConfig",
    "accounts.apps.AccountsConfig",
    "sso.apps.SsoConfig",
    "sms.apps.SmsConfig",
    "formtools",
    "django.forms",  # the templates of widgets, for the desk
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "tamin_portal.middleware.client_address",  # first: whether a request came over TLS is the proxy's word, too
    "tamin_portal.middleware.name_request",
    "tamin_portal.measuring.measure",
    "tamin_portal.middleware.response_headers",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # masks its length against BREACH since Django 4.2
    "tamin_portal.middleware.refuse_repeated_fields",  # it reads the body, so that nobody has a turn while sending it
    "tamin_portal.middleware.wait_for_a_turn",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "tamin_portal.middleware.choose_language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.sign_in.sessions.end_old_sessions",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "tamin_portal.middleware.AnswerRefusals",
]
ROOT_URLCONF = "tamin_portal.urls"
WSGI_APPLICATION = "tamin_portal.wsgi.application"
TEMPLATES = [
    {  # the pages of citizens and the controls of all forms
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates" / "pages", Path(django.__file__).parent / "forms" / "jinja2"],
        "OPTIONS": {
            "environment": "tamin_portal.pages.Pages",
            "context_processors": ["tamin_portal.pages.visitor"],
            "auto_reload": DEBUG,
        },
    },
    {  # the desk, and the texts of messages and e-mails
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
FORM_RENDERER = "tamin_portal.rendering.PortalRenderer"

# ── PostgreSQL, Redis, Celery: values verified under faults ───────────────────────────────────────────────────────────
DATABASES: dict[str, dict[str, Any]] = {"default": env.database("DATABASE_URL")}
DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False}
DATABASES["default"]["OPTIONS"] |= {
    "connect_timeout": 3,
    "prepare_threshold": 5,  # else Django forbids prepared statements altogether; infra.statements asks for them
    # A server that has vanished must not hold a thread: nobody can kill one. Seconds, the last one milliseconds.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
    "options": "-c statement_timeout=10000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=15000",
}
DATABASE_POOL = env.number("DATABASE_POOL", 0, 0, 1000)  # for a whole process; 0: one for each thread
if DATABASE_POOL:
    DATABASES["default"] |= {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False}  # the pool keeps and replaces them
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": DATABASE_POOL, "timeout": 5}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.redis("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "tamin_portal.cache.KeptRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "portal",
        "OPTIONS": {"serializer": "tamin_portal.cache.JsonSerializer"},
    },
}
CELERY_BROKER_URL = env.broker(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_POOL_ACQUIRE_TIMEOUT = 2
# A message that was taken is begun at once, and may be lost: Redis is not told of it twice more, docs/decisions/0002.
# A worker's BRPOP is answered within a second. After two more, that connection is dropped at the next look, within two:
# a dead one makes deaf for 5 s, not for 50. If Redis was merely slow, a message may go with it; a sweep finds its row.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 0.5,
    "socket_timeout": 1,
    "socket_keepalive": True,
    "health_check_interval": 2,
    "ack_emulation": False,
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 0, "interval_start": 0, "interval_step": 0, "interval_max": 0}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False  # the rows hold the truth; late acks only bring crashes, docs/decisions/0002
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Threads, because workers wait for others most of the time. Nobody can kill a thread: deadlines and leases bound its
# work, docs/decisions/0029.
CELERY_WORKER_POOL, CELERY_WORKER_CONCURRENCY = "tamin_portal.worker_pool:ThreadPool", 64
WORKER_PULSE_FILE = env.text("WORKER_PULSE_FILE")  # as old as the worker's last sign of life; empty: none
CELERY_TASK_DEFAULT_QUEUE = "work"
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TIMEZONE = "UTC"

# ── sessions, cookies, headers ────────────────────────────────────────────────────────────────────────────────────────
_cookie = "__Host-" if HTTPS else ""
SESSION_ENGINE = "accounts.sign_in.session_store"
SESSION_COOKIE_NAME = f"{_cookie}session"
CSRF_COOKIE_NAME = f"{_cookie}csrf"
LANGUAGE_COOKIE_NAME = f"{_cookie}language"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_AGE = 8 * 3600  # the row's life; the ends that people meet are below
SESSION_IDLE_SECONDS, WIZARD_IDLE_SECONDS = 15 * 60, 30 * 60
CITIZEN_SESSION_SECONDS, STAFF_SESSION_SECONDS = 4 * 3600, 8 * 3600
CSRF_COOKIE_AGE = None
CSRF_FAILURE_VIEW = "tamin_portal.errors.csrf_failure"
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$", r"^sms/"]  # people alone are led to HTTPS
SECURE_REFERRER_POLICY = "same-origin"  # "no-referrer" would break the CSRF check of browsers that send no Origin
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 60
DATA_UPLOAD_MAX_NUMBER_FILES = 0
FILE_UPLOAD_HANDLERS: list[str] = []
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# ── who a citizen is ──────────────────────────────────────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.sign_in.gate.NationalCodeBackend"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "accounts.passwords.validator.GuideValidator"}]
PASSWORD_HASHERS = ["accounts.passwords.hasher.PortalArgon2"]
# Of the threads of a web process, these at most wait for hashes; all others are for pages.
HASH_LANE_PLACES = max(1, env.number("WEB_THREADS", 24, 1, 1000) // 3)
# And these at most wait to be served after something was sent, hashes included (infra.turns).
POST_PLACES = max(1, env.number("WEB_THREADS", 24, 1, 1000) * 2 // 3)
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "accounts:profile"
NATIONAL_CODE_ALLOW_REPEATED = frozenset(
    env.words("NATIONAL_CODE_ALLOW_REPEATED", "1111111111", r"([0-9])\1{9}", "national codes of ten equal digits")
)

# ── language, time, files, logs ───────────────────────────────────────────────────────────────────────────────────────
LANGUAGE_CODE = env.choice("LANGUAGE_CODE", ("fa", "en"), "fa")
LANGUAGES = [("fa", _("Persian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE, USE_TZ = "Asia/Tehran", True
STATIC_URL, STATIC_ROOT = "static/", DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {"staticfiles": {"BACKEND": "tamin_portal.rendering.StaticStorage"}}
_log = {"text": "Formatter", "json": "JsonFormatter"}[env.choice("LOG_FORMAT", ("text", "json"), "text")]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": f"tamin_portal.logs.{_log}"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        **{name: {"handlers": [], "level": "INFO"} for name in ("django", "django.server")},  # in place of its mails
        "celery": {"level": "WARNING"},
        "authlib": {"level": "WARNING"},  # it tells tokens at DEBUG
        "psycopg": {"level": "WARNING"},  # its pool tells at INFO who takes and returns a connection
    },
}

# ── text messages ─────────────────────────────────────────────────────────────────────────────────────────────────────
SMS_BACKEND = env.choices("SMS_BACKEND", tuple(BACKENDS), "kavenegar", classes=True)
KAVENEGAR_BASE_URL = env.url("KAVENEGAR_BASE_URL", "https://api.kavenegar.com")
KAVENEGAR_API_KEY, KAVENEGAR_SENDER = env.secret("KAVENEGAR_API_KEY"), env.text("KAVENEGAR_SENDER")
KAVENEGAR_CODE_TEMPLATE = env.text("KAVENEGAR_CODE_TEMPLATE")  # also where one of the next seven is empty
KAVENEGAR_CODE_TEMPLATE_RECOVERY = env.text("KAVENEGAR_CODE_TEMPLATE_RECOVERY")
KAVENEGAR_CODE_TEMPLATE_DEVICE = env.text("KAVENEGAR_CODE_TEMPLATE_DEVICE")
KAVENEGAR_CODE_TEMPLATE_MOBILE = env.text("KAVENEGAR_CODE_TEMPLATE_MOBILE")
KAVENEGAR_CODE_TEMPLATE_CHANGE = env.text("KAVENEGAR_CODE_TEMPLATE_CHANGE")
KAVENEGAR_CODE_TEMPLATE_REQUEST = env.text("KAVENEGAR_CODE_TEMPLATE_REQUEST")
KAVENEGAR_CODE_TEMPLATE_DESK = env.text("KAVENEGAR_CODE_TEMPLATE_DESK")
KAVENEGAR_CODE_TEMPLATE_CALLER = env.text("KAVENEGAR_CODE_TEMPLATE_CALLER")
KAVENEGAR_RESULT_TEMPLATE = env.text("KAVENEGAR_RESULT_TEMPLATE")  # of a result whose text did not arrive; empty: none
KAVENEGAR_MIN_CREDIT = env.number("KAVENEGAR_MIN_CREDIT", 5_000_000, 0, 999_999_999)  # rial; alarm below it
KAVENEGAR_CALLBACK_SECRET = env.token("KAVENEGAR_CALLBACK_SECRET")  # ends the address of delivery reports; empty: none
# What a provider needs of these stands in its folder (`needed_settings`) and is looked at when the portal starts.

# ── e-mail: only the confirmation of a new address ────────────────────────────────────────────────────────────────────
EMAIL_HOST, EMAIL_PORT = env.text("EMAIL_HOST"), env.number("EMAIL_PORT", 587, 1, 65535)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_USER"), env.secret("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS, EMAIL_TIMEOUT = env.switch("EMAIL_USE_TLS", "on"), 5  # seconds; somebody is waiting
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", f"no-reply@{PORTAL_HOST.partition(':')[0]}")
_trial = set(SMS_BACKEND) <= {"handset", "console", "memory"}  # elsewhere without EMAIL_HOST the page is not offered
_mail = "smtp" if EMAIL_HOST else "console" if _trial else "dummy"
EMAIL_BACKEND = f"django.core.mail.backends.{_mail}.EmailBackend"

# ── other services sign people in here (sso) ─────────────────────────────────────────────────────────────────────────
SSO_KEYS_FILE = env.text("SSO_KEYS_FILE")  # made by manage.py sso_keys; empty: there is nothing at these addresses
SSO_ISSUER = f"{'https' if HTTPS else 'http'}://{PORTAL_HOST}"
SSO_TRIAL = _trial  # services on this machine may be told of sign-outs, and have addresses without TLS

# ── identity checks ───────────────────────────────────────────────────────────────────────────────────────────────────
IDENTITY_BACKEND = env.choice("IDENTITY_BACKEND", ("reference", "jibit", "gsb"), "reference")
REFERENCE_REGISTRY_IS_REAL = env.switch("REFERENCE_REGISTRY_IS_REAL", "off")  # its rows come from the civil registry
JIBIT_BASE_URL = env.url("JIBIT_BASE_URL", "https://napi.jibit.ir/ide")
JIBIT_API_KEY, JIBIT_SECRET_KEY = env.secret("JIBIT_API_KEY"), env.secret("JIBIT_SECRET_KEY")
if IDENTITY_BACKEND == "jibit":
    env.need("JIBIT_API_KEY", JIBIT_API_KEY, "the account's key (or JIBIT_API_KEY_FILE), for IDENTITY_BACKEND=jibit.")
    env.need("JIBIT_SECRET_KEY", JIBIT_SECRET_KEY, "the account's secret (or JIBIT_SECRET_KEY_FILE).")
GSB_BASE_URL = GSB_IDENTITY_PATH = ""
GSB_OWNERSHIP_PATH = env.route("GSB_OWNERSHIP_PATH", "/api/client/apim/v1/shahkar/gwsh/serviceIDmatching")
GSB_CLIENT, GSB_BASIC_AUTHORIZATION = env.basic("GSB_CLIENT"), env.basic("GSB_BASIC_AUTHORIZATION")
GSB_USERNAME, GSB_PASSWORD = env.secret("GSB_USERNAME"), env.secret("GSB_PASSWORD")
GSB_PID, GSB_IDENTITY_PID = env.secret("GSB_PID"), env.secret("GSB_IDENTITY_PID")  # the registry: if not the same
GSB_REQUEST_PREFIX = env.text("GSB_REQUEST_PREFIX")
GSB_NOT_FOUND_TEXTS = env.words("GSB_NOT_FOUND_TEXTS", "یافت نشد", ".{3,}", "texts, each of 3 or more characters")
if IDENTITY_BACKEND == "gsb":
    GSB_BASE_URL = env.url("GSB_BASE_URL", "")
    GSB_IDENTITY_PATH = env.route("GSB_IDENTITY_PATH", "")
    env.need("GSB_CLIENT", GSB_CLIENT, "what follows Basic when a token is fetched (or GSB_CLIENT_FILE).")
    env.need("GSB_USERNAME", GSB_USERNAME, "the user whose token is fetched (or GSB_USERNAME_FILE).")
    env.need("GSB_PASSWORD", GSB_PASSWORD, "that user's password (or GSB_PASSWORD_FILE).")
    env.need("GSB_BASIC_AUTHORIZATION", GSB_BASIC_AUTHORIZATION, "what follows Basic in that header (or …_FILE).")
    env.need("GSB_PID", GSB_PID, "the package id of the contract (or GSB_PID_FILE).")
    env.need("GSB_REQUEST_PREFIX", GSB_REQUEST_PREFIX, "the organization's four digits, in each requestId.", "[0-9]{4}")

# ── rules of the field, each with its variable ────────────────────────────────────────────────────────────────────────
REGISTRATION_FLOWS = env.choices("REGISTRATION_FLOWS", ("portal", "eservices"), "portal,eservices")
ACCOUNT_TWO_PERSONS_DAYS = env.number("ACCOUNT_TWO_PERSONS_DAYS", 7, 1, 365)  # between two halves of an account
DECISION_HOURS = env.number("DECISION_HOURS", 48, 1, 24 * 30)
LIMIT_SENDS_PER_MOBILE = env.limit("LIMIT_SENDS_PER_MOBILE", "1/120,3/900,5/3600,8/86400")
LIMIT_UNCONFIRMED_PER_IP = env.limit("LIMIT_UNCONFIRMED_PER_IP", "60/300,200/3600")  # codes that nobody confirmed
LIMIT_UNCONFIRMED_PER_NETWORK = env.limit("LIMIT_UNCONFIRMED_PER_NETWORK", "300/300,1000/3600")
LIMIT_UNCONFIRMED = env.limit("LIMIT_UNCONFIRMED", "2000/300")  # of the whole portal
LIMIT_SIGN_IN_PER_NATIONAL_CODE = env.limit("LIMIT_SIGN_IN_PER_NATIONAL_CODE", "5/60,10/900,20/3600")
LIMIT_SIGN_IN_PER_IP = env.limit("LIMIT_SIGN_IN_PER_IP", "30/300")
LIMIT_HASHES = env.limit("LIMIT_HASHES", "10/60")  # of a draft, recovery, device, session, code
LIMIT_HASHES_PER_IP = env.limit("LIMIT_HASHES_PER_IP", "300/60")
LIMIT_ANSWERS = env.limit("LIMIT_ANSWERS", "5/86400")  # wrong ones of an account; three end a recovery
LIMIT_INQUIRIES_PER_NATIONAL_CODE = env.limit("LIMIT_INQUIRIES_PER_NATIONAL_CODE", "10/86400")  # each costs money
LIMIT_LOOKS = env.limit("LIMIT_LOOKS", "3/86400")  # at what does not agree with the registry, for each national code
LIMIT_TRACKING_PER_IP = env.limit("LIMIT_TRACKING_PER_IP", "60/3600")  # wrong ones
LIMIT_TRACKING_PER_NATIONAL_CODE = env.limit("LIMIT_TRACKING_PER_NATIONAL_CODE", "5/3600")
LIMIT_SERVICES_PER_IP = env.limit("LIMIT_SERVICES_PER_IP", "600/300")  # requests of services that wait for a person
LIMIT_SERVICE_FAILURES_PER_IP = env.limit("LIMIT_SERVICE_FAILURES_PER_IP", "60/300")  # wrong secrets and assertions
LIMIT_ALL_SERVICE_FAILURES_PER_IP = env.limit("LIMIT_ALL_SERVICE_FAILURES_PER_IP", "600/300")  # the same of all names
