"""Papers of an exam for readers on trial, without keys; and what their answers earn."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import override

from academy.errors.refusals import RuleViolation
from academy.models import User
from quizzes.bank.trial_papers import (
    BLIND,
    OPTIONS,
    TAUGHT,
    TrialScore,
    digest_of_draw,
    draw_trial,
    house_rules_as_text,
    identifiers_of,
    note_printed,
    paper_as_data,
    paper_as_text,
    score_trial,
)
from quizzes.models import Quiz

# Readers on trial need a few; more would be the pool.
MOST = 12


class Command(BaseCommand):
    help = (
        "Prints papers by the exam's own draw, without keys, as Markdown and JSON, for readers who try whether the exam "
        "tells who has learnt; with --score it marks a file of their answers {paper: {number: answer}} against the "
        "same papers. Both open the pool and stand in the journal. Exit status 1 with an error."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", metavar="CODE", help="of the quiz")
        parser.add_argument("--papers", type=int, default=3, metavar="N", help=f"1 to {MOST}")
        mode = parser.add_mutually_exclusive_group()
        mode.add_argument("--blind", action="store_true", help="for readers without lessons and house rules")
        mode.add_argument("--options-only", action="store_true", help="the options of singles, the questions hidden")
        parser.add_argument(
            "--language", choices=[code for code, _name in settings.LANGUAGES], default=settings.LANGUAGE_CODE
        )
        parser.add_argument("--seed", type=int, default=1, help="the same draws the same papers")
        parser.add_argument("--output", metavar="DIR", help="where the papers are written; closed to others")
        parser.add_argument("--by", metavar="STAFF_NUMBER", help="who asks for it; the journal names them")
        parser.add_argument("--score", metavar="ANSWERS.json", help="marks these answers; with the options of printing")
        parser.add_argument(
            "--json", action="store_true", help="one line of JSON on standard output, with each question"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        quiz = Quiz.objects.filter(code=options["code"]).first()
        if quiz is None:
            raise CommandError(f"There is no quiz {options['code']!r}.")
        if not 1 <= options["papers"] <= MOST:
            raise CommandError(f"--papers takes 1 to {MOST}.")
        if bool(options["output"]) == bool(options["score"]):
            raise CommandError("Name --output or --score, one of them.")
        actor = _named(options["by"])
        mode = OPTIONS if options["options_only"] else BLIND if options["blind"] else TAUGHT
        with override(options["language"]):
            try:
                papers = draw_trial(quiz=quiz, papers=options["papers"], seed=options["seed"])
            except RuleViolation as refusal:
                raise CommandError(str(refusal.message)) from None
            if options["score"]:
                self._score(quiz, papers, mode, options, actor)
            else:
                self._print(quiz, papers, mode, options, actor)

    def _note(self, quiz: Quiz, papers: list[Any], mode: str, options: dict[str, Any], actor: User | None) -> None:
        note_printed(
            quiz=quiz,
            papers=len(papers),
            seed=options["seed"],
            mode=mode,
            scored=bool(options["score"]),
            actor=actor,
            now=timezone.now(),
        )

    def _print(self, quiz: Quiz, papers: list[Any], mode: str, options: dict[str, Any], actor: User | None) -> None:
        place = Path(options["output"])
        language, seed = options["language"], options["seed"]
        try:
            _make_closed(place)
            self._note(quiz, papers, mode, options, actor)
            for paper in papers:
                data = paper_as_data(paper, quiz=quiz, language=language, mode=mode, seed=seed)
                text = paper_as_text(data, title=quiz.local_title)
                (place / f"{paper.name}.{language}.md").write_text(text, encoding="utf-8")
                (place / f"{paper.name}.{language}.json").write_text(
                    json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8"
                )
            if mode == TAUGHT:
                (place / f"house-rules.{language}.md").write_text(house_rules_as_text(language), encoding="utf-8")
        except OSError as fault:
            raise CommandError(str(fault)) from None
        self.stdout.write(f"{len(papers)} papers written; seed {seed}")

    def _score(self, quiz: Quiz, papers: list[Any], mode: str, options: dict[str, Any], actor: User | None) -> None:
        try:
            given = json.loads(Path(options["score"]).read_text(encoding="utf-8"))
        except (OSError, ValueError) as fault:
            raise CommandError(f"{options['score']}: {fault}") from None
        if not isinstance(given, dict):
            raise CommandError("The answers are {paper: {number: answer}}.")
        self._note(quiz, papers, mode, options, actor)
        scores = []
        for paper in papers:
            answers = given.get(paper.name)
            if not isinstance(answers, dict):
                continue
            draw = answers.get("draw")
            if draw and draw != digest_of_draw(paper):
                raise CommandError(f"{paper.name}: the pool or the seed is another than when it was printed.")
            scores.append(score_trial(quiz=quiz, paper=paper, answers=answers, mode=mode))
        if not scores:
            raise CommandError("No answers to any of these papers.")
        self.stdout.write(
            json.dumps(_as_data(scores), ensure_ascii=False) if options["json"] else "\n".join(_lines(scores))
        )


def _named(staff_number: str | None) -> User | None:
    if not staff_number:
        return None
    person = User.objects.filter(staff_number=staff_number, is_active=True).first()
    if person is None:
        raise CommandError(f"Nobody who works here has the staff number {staff_number}.")
    return person


def _make_closed(place: Path) -> None:
    """Papers are for who printed them. A folder that is there keeps its rights: one open to others is refused."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    if place.stat().st_mode & 0o077:
        raise CommandError(f"{place} is open to others on this machine: name a folder of mode 0700, or a new one.")


def _mean(scores: list[TrialScore]) -> float:
    return float(sum(score.percent for score in scores) / len(scores))


def _chance(scores: list[TrialScore]) -> float:
    return float(sum(score.chance for score in scores) * 100 / len(scores))


def _lines(scores: list[TrialScore]) -> list[str]:
    found = [
        f"{score.name}: {float(score.percent):.1f} of 100 ({score.earned.normalize():f} of {score.most.normalize():f}), "
        f"chance {float(score.chance) * 100:.1f}, answered {score.answered} of {len(score.lines)}, "
        f"{'passed' if score.passed else 'not passed'}"
        for score in scores
    ]
    passed = sum(score.passed for score in scores)
    mean, chance = _mean(scores), _chance(scores)
    return [
        *found,
        f"mean {mean:.1f}, chance {chance:.1f}, above chance {mean - chance:+.1f}, passed {passed} of {len(scores)}",
    ]


def _as_data(scores: list[TrialScore]) -> dict[str, Any]:
    names = identifiers_of([question for score in scores for _number, question, _share in score.lines])
    return {
        "mean": _mean(scores),
        "chance": _chance(scores),
        "passed": sum(score.passed for score in scores),
        "papers": [
            {
                "paper": score.name,
                "percent": float(score.percent),
                "chance": float(score.chance) * 100,
                "passed": score.passed,
                "answered": score.answered,
                "questions": [
                    {"number": number, "question": names.get(question) or question, "share": float(share)}
                    for number, question, share in score.lines
                ],
            }
            for score in scores
        ],
    }
