"""Django's own deployment checks find nothing to say about the production settings that the README names."""

import os
import secrets
import subprocess
import sys

from tests.served import ROOT

ENVIRONMENT = ROOT / "docs" / "deploy" / "environment"


def production(**more: str) -> dict[str, str]:
    """The documented settings; the two keys, which the file leaves open, are made here."""
    lines = [line for line in ENVIRONMENT.read_text().splitlines() if line and not line.startswith("#")]
    values = dict(line.split("=", 1) for line in lines)
    for key in ("SECRET_KEY", "JOURNAL_KEY"):
        assert values[key] == "", "no key may stand in the repository"
        values[key] = secrets.token_urlsafe(50)
    return {"PATH": os.environ["PATH"], **values, **more}


def check(environment: dict[str, str]) -> subprocess.CompletedProcess:
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_the_documented_production_settings_pass_every_deployment_check(tmp_path):
    done = check(production(VAR_DIR=str(tmp_path)))

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout, done.stdout


def test_without_a_way_for_mail_the_check_says_so(tmp_path):
    environment = production(VAR_DIR=str(tmp_path))
    del environment["EMAIL_URL"]

    done = check(environment)

    assert done.returncode == 1
    assert "mail.E001" in done.stderr
