"""Checks dialogue files before they are loaded, and says how they play."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from quizzes.interchange import Undecodable, decode, read_dialogues
from quizzes.types.checking import LANGUAGES
from quizzes.types.dialogue.check import search
from quizzes.types.dialogue.play import LOST, SCRAPED, WON, best_points


class Command(BaseCommand):
    help = (
        "Checks dialogue files (YAML). Prints each problem with file, line and place, and for each dialogue its best "
        "points, the ends that can be reached and how plays with random choices end. Exit status 1 with a problem."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        problems = 0
        identifiers: dict[str, str] = {}
        for name in options["files"]:
            try:
                result = read_dialogues(decode(Path(name).read_bytes()))
            except (OSError, Undecodable) as fault:
                problems += self._problem(name, 1, str(fault))
                continue
            for error in result.errors:
                problems += self._problem(name, error.line, str(error.message))
            if not result.questions and not result.errors:
                problems += self._problem(name, 1, _("There is no dialogue here."))
            for question in result.questions:
                for place in one_language_only(question.body):
                    problems += self._problem(
                        name, question.line, f"{place}: {_('A text in both languages is needed.')}"
                    )
                if question.external_id in identifiers:
                    other = identifiers[question.external_id]
                    problems += self._problem(name, question.line, f"id: {question.external_id} = {other}")
                identifiers[question.external_id] = name
                self.stdout.write(f"{name}: {question.external_id}: {statistics(question.body)}")
        if problems:
            sys.exit(1)

    def _problem(self, name: str, line: int, message: str) -> int:
        self.stdout.write(f"{name}:{line}: {message}")
        return 1


def statistics(body: dict[str, Any]) -> str:
    """One line: size, best points, what a random play leads to, how often each end comes."""
    ways = search(body)
    shares = " · ".join(f"{kind} {ways.share(body, kind):.1%}" for kind in (WON, SCRAPED, LOST))
    ends = ", ".join(f"{end['id']} {ways.chances[end['id']]:.1%}" for end in body["ends"])
    return (
        f"{len(body['turns'])} turns, {ways.plays} plays, best {best_points(body)} points; "
        f"random plays: {shares}; ends: {ends}"
    )


def one_language_only(value: Any, place: str = "") -> list[str]:
    """The places whose text stands in one language."""
    if isinstance(value, list):
        return [
            found
            for number, row in enumerate(value, 1)
            for found in one_language_only(row, f"{place}.{row.get('id', number) if isinstance(row, dict) else number}")
        ]
    if not isinstance(value, dict):
        return []
    if value and set(value) <= set(LANGUAGES):
        return [] if set(value) == set(LANGUAGES) else [place.strip(".")]
    return [found for key, part in value.items() for found in one_language_only(part, f"{place}.{key}")]
