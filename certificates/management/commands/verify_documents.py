"""Compares the stored documents with their digests."""

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

from academy.operations.whole import WholeCommand
from certificates.document.store_check import faults_of_store, stored_documents

NAMED = 100


class Command(WholeCommand):
    help = "Compares every stored document with its SHA-256. Exit status 1 when one is missing, altered or belongs to nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        counts: dict[str, int] = {"missing": 0, "altered": 0, "orphaned": 0}
        named: list[Any] = []
        for fault in faults_of_store():
            counts[fault.problem] += 1
            if len(named) < NAMED:
                named.append(fault)
        stored = stored_documents()
        if options["json"]:
            faults = [{"problem": fault.problem, "serial": fault.serial, "name": fault.name} for fault in named]
            self.stdout.write(json.dumps({"stored": stored, **counts, "faults": faults}, ensure_ascii=False))
        found = sum(counts.values())
        if found:
            more = [f"and {found - len(named)} more"] if found > len(named) else []
            raise CommandError("\n".join([*map(str, named), *more]))
        if not options["json"]:
            self.stdout.write(f"{stored} documents are stored, each as it was issued; nothing else lies beside them.")
