"""The product's own settings, with what only slows tests down taken out."""

import atexit
import os
import shutil
import tempfile

if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    # Processes side by side share nothing: neither servers nor files.
    for name in ("DATABASE_URL", "REDIS_URL"):
        if own := os.environ.get(f"{name}_{worker}"):
            os.environ[name] = own
    if "VAR" in os.environ:
        os.environ["VAR"] = os.path.join(os.environ["VAR"], worker)
if "VAR" not in os.environ:
    os.environ["VAR"] = tempfile.mkdtemp(prefix="woop-test-")
    atexit.register(shutil.rmtree, os.environ["VAR"], ignore_errors=True)
os.environ.setdefault("LOG_LEVEL", "WARNING")

from woop.settings import *  # noqa: E402, F403
from woop.settings import DATABASES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_ENABLED = False
DOORBELL = False
ALLOWED_HOSTS = ["*"]

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: threads must meet the same locks as in production.
    DATABASES["default"]["TEST"] = {"NAME": os.path.join(os.environ["VAR"], "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
else:
    DATABASES["default"]["OPTIONS"].pop("pool", None)  # every thread of a race has a connection of its own
