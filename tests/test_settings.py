import os
import subprocess
import sys

import pytest
from django.conf import settings


def start(tmp_path, **environment):
    env = {"PATH": os.environ["PATH"], "VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "woop.settings"}
    return subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        cwd=settings.BASE_DIR,
        env=env | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://localhost/woop"),
        ("REDIS_URL", "localhost:6379"),
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("DEBUG", "perhaps"),
        ("SECRET_KEY", "short"),
        ("CREDENTIAL_KEYS", "not-a-key"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_nonsense_in_the_environment_stops_the_start(tmp_path, name, value):
    result = start(tmp_path, **{name: value})
    assert result.returncode == 1
    assert f"ImproperlyConfigured: {name}" in result.stderr


def test_secrets_are_made_once_and_only_for_the_owner(tmp_path):
    assert start(tmp_path).returncode == 0
    made = {name: (tmp_path / name).read_text() for name in ("secret_key", "credential_keys")}
    assert start(tmp_path).returncode == 0
    assert made == {name: (tmp_path / name).read_text() for name in made}
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in made} == {0o600}


def test_an_emptied_secret_is_not_replaced_silently(tmp_path):
    (tmp_path / "credential_keys").write_text("")
    result = start(tmp_path)
    assert result.returncode == 1
    assert "is empty" in result.stderr
