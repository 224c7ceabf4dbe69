"""Proves the journal: its chain, its head, and the facts that its entries speak of."""

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

from academy.journal import prove_journal
from academy.operations.whole import WholeCommand


class Command(WholeCommand):
    help = (
        "Walks the journal's chain of seals from the start and compares certifications, endings, results and rules with "
        "their entries. Exit status 1 when anything does not fit."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--expect",
            action="append",
            default=[],
            metavar="SEAL",
            help="A seal from a register, an export or the daily notice (number:seal); it must still stand in the chain.",
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, expect: list[str], **options: Any) -> None:
        try:
            proof = prove_journal(expect=expect)
        except ValueError as problem:
            raise CommandError(str(problem)) from None
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    {
                        "holds": proof.holds,
                        "findings": proof.findings,
                        **proof.figures,
                    },
                    ensure_ascii=False,
                )
            )
        if not proof.holds:
            more = proof.found - len(proof.findings)
            lines = [*proof.findings, *([f"and {more} more."] if more else [])]
            raise CommandError("\n".join(lines))
        if not options["json"]:
            self.stdout.write(
                f"{proof.sealed} entries sealed, the chain holds; {proof.waiting} wait for the next tick.\n"
                f"{proof.covered} facts are as their entries say; {proof.uncovered} older ones are not covered.\n"
                f"Head: {proof.head or 'none yet'}"
            )
