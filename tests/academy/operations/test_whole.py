"""Each process of the house knows all kinds of long work: what one registers for the web only, its worker leaves lying."""

import json
import subprocess
import sys

from tests.served import ROOT

COMMANDS = ["academy.work", "academy.tick", "academy.verify_journal", "certificates.verify_documents"]
LOADED = """
import importlib, json, pkgutil, sys
import django
django.setup()
from django.core.management import load_command_class
from academy.jobs.carrying import JOB_KINDS
from academy.operations.whole import WholeCommand
commands = [load_command_class(*name.split(".")) for name in sys.argv[1:]]
commands[0].load_all_parts()
known = sorted(JOB_KINDS)
for floor in ("academy", "quizzes", "courses", "certificates"):
    for module in pkgutil.walk_packages(importlib.import_module(floor).__path__, f"{floor}."):
        if not {"demo", "migrations", "wsgi"} & set(module.name.split(".")):
            importlib.import_module(module.name)
whole = [isinstance(command, WholeCommand) for command in commands]
print(json.dumps({"known": known, "every": sorted(JOB_KINDS), "whole": whole}))
"""


def test_a_worker_knows_each_kind_of_work_that_any_module_registers():
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *COMMANDS], cwd=ROOT, capture_output=True, text=True, check=True
    )

    said = json.loads(done.stdout.splitlines()[-1])
    assert "quizzes.import" in said["known"]
    assert said["known"] == said["every"]
    assert all(said["whole"])
