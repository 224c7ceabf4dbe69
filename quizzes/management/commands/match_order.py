"""Names typed answers for which the order of the accepted ones decides: Moodle's rule, the first match, marks them otherwise
than the best match would. It changes nothing."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from quizzes.bank.match_order import TYPES, questions_by_order
from quizzes.models import Question, QuestionBank


class Command(BaseCommand):
    help = "Lists typed answers that the first match marks otherwise than the best match would. Changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--bank", help="the short name of one question bank")
        parser.add_argument("--json", action="store_true", help="the lines as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        questions = Question.objects.filter(type__in=TYPES, retired_at=None).order_by("pk")
        if options["bank"]:
            bank = QuestionBank.objects.filter(slug=options["bank"]).first()
            if bank is None:
                raise CommandError(f"There is no question bank called {options['bank']}.")
            questions = questions.filter(bank=bank)
        found = list(questions_by_order(questions.select_related("category")))
        if options["json"]:
            self.stdout.write(json.dumps([line.as_json() for line in found], ensure_ascii=False, indent=2))
            return
        for line in found:
            gap = f" [{line.gap}]" if line.gap else ""
            self.stdout.write(f"{line.question} {line.name[:60]}{gap}: {line.said!r} {line.first} (< {line.best})")
        self.stdout.write(f"{len(found)} answers, {len({line.question for line in found})} questions")
