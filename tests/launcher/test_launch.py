"""launch.py: what it says when the machine is not as it needs it."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
LAUNCH = ROOT / "launch.py"


@pytest.fixture
def launch(tmp_path):
    """Run a copy of launch.py that has no environment yet, after some tampering with Python."""
    shutil.copy(LAUNCH, tmp_path)
    for lock in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / lock).write_text("")

    def run(*arguments, tamper=""):
        script = f"import runpy, sys; sys.argv = ['launch.py', *{arguments!r}]\n{tamper}\n"
        script += "runpy.run_path('launch.py', run_name='__main__')"
        return subprocess.run(
            [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
        )

    return run


@pytest.mark.parametrize("command", ["run", "test", "clean"])
def test_old_python_says_which_one_is_needed(launch, command):
    result = launch(command, tamper="sys.version_info = (3, 8, 10, 'final', 0)")
    assert result.returncode == 1
    assert result.stderr == (
        "Woop needs Python 3.11 or newer, and this is 3.8.10: try `make PYTHON=python3.11 ...`.\n"
    )
    assert result.stdout == ""


def test_old_python_can_read_the_script():
    ast.parse(LAUNCH.read_text(), feature_version=(3, 4))


def test_missing_ensurepip_says_what_mends_it(launch, tmp_path):
    result = launch("run", tamper="import importlib.util as u; u.find_spec = lambda name: None")
    assert result.returncode == 1
    assert result.stderr == (
        "This Python cannot make virtual environments (its module ensurepip is missing): "
        f"`apt install python3.{sys.version_info[1]}-venv` mends it on Debian and Ubuntu.\n"
    )
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("arguments", [(), ("dance",)])
def test_unknown_command_says_which_ones_there_are(launch, arguments):
    result = launch(*arguments)
    assert result.returncode == 1
    assert result.stderr == "Usage: python3 launch.py run | test | lint | bench | e2e | clean\n"


def test_failed_installation_says_so(launch, tmp_path):
    (tmp_path / "requirements.txt").write_text("django==5.2.19\n")  # no hash
    result = launch("run", tamper="import os; os.environ['PIP_NO_INDEX'] = '1'")
    assert result.returncode == 1
    assert result.stderr.endswith("\nThe packages cannot be installed.\n")
    assert "Traceback" not in result.stderr
