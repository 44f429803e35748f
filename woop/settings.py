"""Every setting of Woop. The environment decides what differs between machines; docs name the variables."""

import secrets
from datetime import timedelta
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from woop.environment import address, choice, env, flag, noted_broker, number, secret
from woop.logs import logging_config
from woop.openapi import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS
from woop.unfold import UNFOLD as UNFOLD

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(env.str("VAR", default="") or BASE_DIR / "var").resolve()
PORT = number("PORT", 8000, 1, 65535)

DEBUG = flag("DEBUG", False)
SECRET_KEY = secret("SECRET_KEY", VAR / "secret_key", lambda: secrets.token_urlsafe(50))
if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured("SECRET_KEY must have at least 32 characters.")

# Fernet keys for carrier credentials, newest first, separated by commas: the first one encrypts, all decrypt.
CREDENTIAL_KEYS = secret(
    "CREDENTIAL_KEYS", VAR / "credential_keys", lambda: Fernet.generate_key().decode()
).split(",")
try:
    MultiFernet([Fernet(key.strip()) for key in CREDENTIAL_KEYS])
except ValueError as error:
    raise ImproperlyConfigured("CREDENTIAL_KEYS must be Fernet keys separated by commas.") from error

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
BASE_URL = address("BASE_URL", f"http://localhost:{PORT}", {"http", "https"}).rstrip("/")
SIMULATOR_PORT = number("SIMULATOR_PORT", min(PORT + 1, 65535), 1, 65535)
SIMULATOR_URL = f"http://127.0.0.1:{SIMULATOR_PORT}"
HTTPS = BASE_URL.startswith("https://")

INSTALLED_APPS = [
    "woop",
    "orders",
    "deliveries",
    "collect",
    "carriers",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "woop.admin_apps.BackOfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_fsm",
    "axes",
]

MIDDLEWARE = [
    "woop.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "woop.zones.BrowserZone",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "woop.urls"
WSGI_APPLICATION = "woop.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Database -----------------------------------------------------------------------------------------------
DATABASE_URL = address(
    "DATABASE_URL", f"sqlite:///{VAR / 'woop.sqlite3'}", {"sqlite", "postgres", "postgresql"}
)
DATABASES = {"default": env.db_url_config(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if DATABASE_URL.startswith("sqlite"):
    Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["OPTIONS"] = {
        # A deferred transaction that must upgrade fails at once whatever the timeout: lock first.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    DATABASES["default"]["OPTIONS"] = {
        **DATABASES["default"].get("OPTIONS", {}),
        "pool": {"min_size": 1, "max_size": number("DATABASE_POOL", 16, 1, 1000), "timeout": 10},
        "options": "-c lock_timeout=3s -c idle_in_transaction_session_timeout=10s"
        f" -c statement_timeout={number('STATEMENT_TIMEOUT_MS', 0, 0, 3_600_000)}",
    }
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# --- Broker and cache: may vanish at any instant without loss -----------------------------------------------
REDIS_URL = address(
    "REDIS_URL",
    noted_broker(VAR / "broker.url"),
    {"redis", "rediss", "unix", "redis+socket"},
)
DOORBELL = bool(REDIS_URL)  # without a broker nobody hears it: the sweeps find everything
BROKER_TIMEOUT = 2  # seconds that a frozen broker may hold anybody up
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL.replace("redis+socket://", "unix://"),
            "OPTIONS": {"socket_timeout": BROKER_TIMEOUT, "socket_connect_timeout": BROKER_TIMEOUT},
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- Celery -------------------------------------------------------------------------------------------------
TASK_TIME_LIMIT = 20  # seconds; a task that is killed here must not yet be taken over by another worker
JOB_LEASE = 30  # seconds that a claimed row belongs to its worker
VISIBILITY_TIMEOUT = 60  # seconds after which the broker hands out an unacknowledged message again
if not TASK_TIME_LIMIT < JOB_LEASE < VISIBILITY_TIMEOUT:
    raise ImproperlyConfigured(
        "TASK_TIME_LIMIT < JOB_LEASE < VISIBILITY_TIMEOUT must hold, or work runs twice."
    )

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://") or "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "visibility_timeout": VISIBILITY_TIMEOUT,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": BROKER_TIMEOUT,
        "socket_connect_timeout": BROKER_TIMEOUT,
    }
    if REDIS_URL
    else {}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY = False  # the sweeps find what a lost bell would have told
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = TASK_TIME_LIMIT
CELERY_TASK_SOFT_TIME_LIMIT = TASK_TIME_LIMIT - 2
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"  # static: no file of its own that could go stale


def _every(seconds: float, task: str) -> dict[str, object]:
    """Tick a sweep; a tick that nobody took within three periods is worthless and expires."""
    return {"task": task, "schedule": timedelta(seconds=seconds), "options": {"expires": max(3 * seconds, 5)}}


CELERY_BEAT_SCHEDULE = {
    "sweep": _every(1, "woop.tasks.sweep"),
    "expire-acceptances": _every(1, "orders.tasks.expire_acceptances"),
    "poll-carriers": _every(2, "deliveries.tasks.poll_carriers"),
    "apply-inbox": _every(1, "deliveries.tasks.apply_inbox"),
    "forget-answers": _every(60, "woop.tasks.forget_answers"),
}

# --- Who is asking ------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
# Cookies know no ports: two runs on one host must not log each other out.
SESSION_COOKIE_NAME = f"woop_session_{PORT}"
CSRF_COOKIE_NAME = f"woop_csrf_{PORT}"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
if flag("BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = HTTPS
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- API ----------------------------------------------------------------------------------------------------
API_CALLS_PER_MINUTE = number("API_CALLS_PER_MINUTE", 30_000, 1, 10_000_000)  # of one key, per web process
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "woop.api.schema.Schema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "woop.api.problems.handle",
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

# --- Language, time, files ----------------------------------------------------------------------------------
LANGUAGE_CODE = choice("LANGUAGE_CODE", "en", {"en", "fr"})
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # stores have their own zone

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [folder] if (folder := BASE_DIR / "static").is_dir() else []
WHITENOISE_USE_FINDERS = True  # served straight from the packages: nothing to collect before the first start

# --- Logs ---------------------------------------------------------------------------------------------------
LOGGING = logging_config(choice("LOG_LEVEL", "INFO", {"DEBUG", "INFO", "WARNING", "ERROR"}))
