"""Settings of the measurements: production's, without a manifest of static files."""

from academy.settings import *  # noqa: F403
from academy.settings import STORAGES

STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ROOT_URLCONF = "tests.bench.urls"
TEMPLATES[0]["DIRS"] = [BASE_DIR / "tests" / "bench" / "templates"]  # noqa: F405
