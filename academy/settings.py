"""Settings of the academy, all of them from the environment (see ``academy.operations.environment`` and the README)."""

from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from academy.operations.environment import Environment

env = Environment()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("VAR_DIR") or BASE_DIR / "var")
DEBUG = env.flag("DEBUG", False)
BASE_URL = env.base_url(debug=DEBUG)
SECRET_KEY = env.secret_key(debug=DEBUG, folder=VAR_DIR)
JOURNAL_KEY = env.journal_key(debug=DEBUG, folder=VAR_DIR, secret_key=SECRET_KEY)
# Keys of seals that stand already. Before the journal had a key of its own, it was sealed with SECRET_KEY.
JOURNAL_KEYS_OLD = [*env.old_journal_keys(), *([SECRET_KEY] if DEBUG else [])]
ALLOWED_HOSTS = env.allowed_hosts(debug=DEBUG, base_url=BASE_URL)
DEMO = env.flag("DEMO", DEBUG)

_base = urlsplit(BASE_URL)
FORCE_SCRIPT_NAME = _base.path or None
CSRF_TRUSTED_ORIGINS = [f"{_base.scheme}://{_base.netloc}"]
SECURE_COOKIES = _base.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 60 * 60 * env.number("SESSION_HOURS", 12, minimum=1)
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db" if env.text("REDIS_URL") else "academy.requests.sessions"
BEHIND_GATEWAY = env.flag("BEHIND_GATEWAY", False)
# How many gateways of the bank's own write X-Forwarded-For before a request comes here, see academy.requests.client_address.
TRUSTED_HOPS = env.number("TRUSTED_HOPS", 1 if BEHIND_GATEWAY else 0)
if BEHIND_GATEWAY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    USE_X_FORWARDED_HOST = True
    # Whoever comes without TLS is led to it; a probe on the machine itself is not.
    SECURE_SSL_REDIRECT = SECURE_COOKIES
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = env.number("HSTS_SECONDS", 0 if DEBUG or not SECURE_COOKIES else 30 * 24 * 3600)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"

INSTALLED_APPS = [
    "certificates",
    "courses",
    "quizzes",
    "academy",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "django_tasks_db",
    "wagtailmedia",
    "wagtail.contrib.settings",
    "wagtail.contrib.simple_translation",
    "wagtail.contrib.typed_table_block",
    "academy.admin_apps.AcademyLocalesAppConfig",
    "wagtail.sites",
    "academy.admin_apps.AcademyUsersAppConfig",
    "academy.admin_apps.AcademySnippetsAppConfig",
    "academy.admin_apps.AcademyDocsAppConfig",
    "academy.admin_apps.AcademyImagesAppConfig",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "academy.middleware.AcademyCSPMiddleware",
    "academy.operations.answering.database_outage",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "academy.middleware.language",
    "academy.middleware.whose_page",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "academy.middleware.unfinished_sign_in",
    "academy.middleware.absurd_values",
    "academy.middleware.by_rule",
    "academy.middleware.rule_violations",
    "django_htmx.middleware.HtmxMiddleware",
    "academy.middleware.polled",
]

if DEMO:
    MIDDLEWARE.insert(
        MIDDLEWARE.index("django.middleware.common.CommonMiddleware") + 1, "academy.middleware.plain_not_found"
    )

ROOT_URLCONF = "academy.urls"
WSGI_APPLICATION = "academy.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["academy.templatetags.quick_tags"],
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "academy.context_processors.shell",
            ],
        },
    },
]

FORM_RENDERER = "academy.templatetags.quick_widgets.QuickRenderer"

DATABASES = {"default": env.database(folder=VAR_DIR)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # Wagtail's search index uses its column types there.
    INSTALLED_APPS.append("django.contrib.postgres")
# Off where a pooler hands out connections by transaction and forgets the statements that they were told.
NAMED_STATEMENTS = env.flag("NAMED_STATEMENTS", True)
CACHES = {"default": env.cache(), "kept": env.cache(kept=True)}
MAILERS = {"default": env.mailer(debug=DEBUG)}
DEFAULT_FROM_EMAIL = env.sender(debug=DEBUG)
# Notices stand in the inbox; by mail and to the bank's own gateway they go only where these are set.
NOTICES_BY_MAIL = bool(env.text("EMAIL_URL"))
WEBHOOK_URL, WEBHOOK_SECRET = env.webhook()
WEBHOOK_TIMEOUT = env.number("WEBHOOK_TIMEOUT", 10, minimum=1)
DELIVERY_TRIES = env.number("DELIVERY_TRIES", 8, minimum=1)
DELIVERY_HOURS = env.hours("DELIVERY_HOURS", "8-20")
# How long a worker or the clock may be silent before what it holds is taken up by another.
LEASE_SECONDS = env.number("LEASE_SECONDS", 120, minimum=1)
TASKS = {
    "default": {
        "BACKEND": "django_tasks_db.DatabaseBackend",
        "QUEUES": ["default", "documents", "exports", "imports", "notices"],
    }
}

AUTH_USER_MODEL = "academy.User"
AUTHENTICATION_BACKENDS = ["academy.staff.permissions.GrantBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("staff_number", "display_name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

ACCOUNT_ADAPTER = "academy.staff.sign_in.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "staff_number"
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PRESERVE_USERNAME_CASING = True
# A sign-in lasts SESSION_HOURS; nobody is asked whether to be remembered on a PC that others use too.
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_EMAIL_NOTIFICATIONS = False
# A whole bank may stand behind one address, so these limits are wide; per account see academy.staff.sign_in_limits.
ACCOUNT_RATE_LIMITS = {
    "login": "6000/m/ip",
    "password_failed": "600/m/ip",
    # Codes of the second factor: a million of them, so few tries each.
    "login_failed": "600/m/ip,5/5m/key",
    "change_password": "10/m/user",
    "reauthenticate": "20/m/user",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Academy"
STAFF_MFA_REQUIRED = env.flag("STAFF_MFA_REQUIRED", False)
# With 1 only a reviewer publishes; with 0 a trainer may also publish alone.
REVIEW_REQUIRED = env.flag("REVIEW_REQUIRED", False)
# A person's data are erased so many years after the end of the last employment, by HR's decision.
RETENTION_YEARS = env.number("RETENTION_YEARS", 10, minimum=1)
# The file of everything about one person can be downloaded for so long.
RECORD_EXPORT_DAYS = env.number("RECORD_EXPORT_DAYS", 7, minimum=1)
FIRST_PASSWORD_DAYS = env.number("FIRST_PASSWORD_DAYS", 14, minimum=1)
# Leave moves a certification's last valid day by its length, by so many months at most, and leaves so many days after it.
LEAVE_LIMIT_MONTHS = env.number("LEAVE_LIMIT_MONTHS", 12)
LEAVE_CATCH_UP_DAYS = env.number("LEAVE_CATCH_UP_DAYS", 60)
# Within so many months after its last valid day a level that lapsed comes back by what renews it; after them, anew.
RETURN_LIMIT_MONTHS = env.number("RETURN_LIMIT_MONTHS", 24)
# 临期: a certification whose last valid day is so near is expiring soon.
EXPIRING_SOON_DAYS = env.number("EXPIRING_SOON_DAYS", 30)

LANGUAGE_CODE = "zh-hans"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
WAGTAILADMIN_PERMITTED_LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_I18N = WAGTAIL_I18N_ENABLED = True
# The second one holds what Wagtail has no Chinese words for yet.
LOCALE_PATHS = [BASE_DIR / "academy" / "locale", BASE_DIR / "academy" / "wagtail_locale"]
LANGUAGE_COOKIE_NAME = "academy_language"
TIME_ZONE = env.text("TIME_ZONE", "Asia/Shanghai")
USE_TZ = True
FORMAT_MODULE_PATH = ["academy.formats"]

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
MEDIA_URL = "media/"
MEDIA_ROOT = VAR_DIR / "media"
PRIVATE_ROOT = VAR_DIR / "private"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "academy.operations.static_files.AcademyStaticFilesStorage"
    },
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": PRIVATE_ROOT, "base_url": None, "file_permissions_mode": 0o600},
    },
}
WHITENOISE_USE_FINDERS = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
FILE_UPLOAD_PERMISSIONS = 0o640

SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:"],
    "media-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "worker-src": [CSP.SELF],
    "frame-src": [CSP.SELF],
    "frame-ancestors": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.SELF],
    "object-src": [CSP.NONE],
}
# Wagtail's date widgets and inline panels carry inline scripts and styles; only the admin is let.
ADMIN_CSP = {
    **SECURE_CSP,
    "script-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:", "blob:"],
}

WAGTAIL_SITE_NAME = "客户经理学院"
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAILADMIN_LOGIN_URL = "account_login"
# Of the zones of the system only those that every browser knows: "localtime" is none.
WAGTAIL_USER_TIME_ZONES = sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC")
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_ALLOW_UNICODE_SLUGS = False
WAGTAIL_WORKFLOW_REQUIRE_REAPPROVAL_ON_EDIT = True
WAGTAILEMBEDS_FINDERS: list[dict[str, str]] = []
WAGTAILDOCS_EXTENSIONS = ["pdf", "docx", "xlsx", "pptx", "txt", "csv", "vtt"]
WAGTAILDOCS_DOCUMENT_FORM_BASE = "academy.viewsets.uploads.DocumentForm"
WAGTAILIMAGES_IMAGE_FORM_BASE = "academy.viewsets.uploads.ImageForm"
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp"]
WAGTAILMEDIA = {
    "VIDEO_EXTENSIONS": ["mp4", "webm"],
    "AUDIO_EXTENSIONS": ["mp3", "ogg", "m4a"],
    "MEDIA_FORM_BASE": "academy.viewsets.uploads.MediaForm",
}

SILENCED_SYSTEM_CHECKS = [
    # HSTS of subdomains and the browsers' preload list are for the owner of the bank's whole domain to decide.
    "security.W005",
    "security.W021",
    # The admin shows previews in frames of its own; others are kept out by frame-ancestors as well.
    "security.W019",
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"outage": {"()": "academy.operations.answering.OneLine"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["outage"]}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "django.tasks": {"level": "WARNING"},
        "wagtail": {"level": "WARNING"},
        "pikepdf": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
    },
}
