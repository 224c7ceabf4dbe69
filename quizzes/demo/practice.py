"""Practice and reports of the demo's people, made by the rules with past moments handed in."""

from datetime import date, timedelta

from academy.calendar.working_days import working_calendar
from academy.demo.bank import moment
from academy.models import User
from quizzes.bank.reporting import answer_report, report_question
from quizzes.demo.answers import answers_for
from quizzes.grading.frozen import parsed_version
from quizzes.grading.papers import versions_of
from quizzes.models import Attempt, PracticeDay
from quizzes.practice.daily import answer_place, begin_day
from quizzes.types import question_type

# Two steps in every five answers are wrong at first, then fewer.
WRONG = (2, 2, 1, 1, 1, 0)


def practise(*, person: User, today: date, days: int) -> None:
    """The five of each of the last working days before today. Idempotent: a day that stands is left alone."""
    calendar = working_calendar(first=today - timedelta(days=60), last=today)
    worked = [day for back in range(1, 60) if calendar.is_working(day := today - timedelta(days=back))][:days]
    standing = set(PracticeDay.objects.filter(person=person, day__in=worked).values_list("day", flat=True))
    for number, day in enumerate(reversed(worked)):
        if day in standing:
            continue
        begun = moment(day, 12, 20 + number)
        practice_day = begin_day(person=person, now=begun)
        versions = versions_of([practice_day.places])
        for place in practice_day.places:
            version = versions[place["version"]]
            right, wrong = answers_for(version, place["order"])
            answer_place(
                practice_day=practice_day,
                slot=place["slot"],
                version=version,
                raw=wrong if place["slot"] <= WRONG[number % len(WRONG)] else right,
                now=begun + timedelta(seconds=35 * place["slot"]),
            )


def report_questions(*, reporters: list[User], trainer: User, today: date) -> None:
    """Three people report a question of their papers; one of the reports is answered."""
    texts = [
        "“%(wrong)s”在我们网点也有人这样做，是不是也算对？请核对。",
        "题干没有写清客户当时在哪个环节，建议补一句。",
        "选项里有一个错别字。",
    ]
    answers = ["您说得对，题干已补充，下一版生效。"]
    for number, (person, text) in enumerate(zip(reporters, texts, strict=False)):
        attempt = Attempt.objects.filter(learner=person).exclude(finished_at=None).order_by("pk").first()
        if attempt is None or person.question_reports.exists():
            continue
        place = attempt.paper[number]
        version = versions_of([[place]])[place["version"]]
        kind, parsed = question_type(version.type), parsed_version(version)
        lines = kind.review(parsed, place["order"], None, "zh-hans")
        wrong = next((line["text"] for line in lines if not line["right"]), version.stem("zh-hans"))
        at = moment(today - timedelta(days=4 - number), 17, 5 * number)
        report = report_question(
            version=version,
            reporter=person,
            text=text % {"wrong": wrong},
            now=at,
            attempt=attempt,
            slot=place["slot"],
        )
        if number == 1:
            answer_report(report=report, accepted=True, answer=answers[0], now=at + timedelta(hours=16), actor=trainer)
