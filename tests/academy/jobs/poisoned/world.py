"""Who and what most scenes begin with."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from academy.models import CareerLevel, Notice, Role, User
from certificates.award.awarding import import_history
from certificates.models import Certificate, CertificationTrack
from courses.progress.learning import enrol
from quizzes.models import Attempt
from tests.cast import bank, person
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of, quiz_of

NOW, TODAY = timezone.now, timezone.localdate


def refuse(model, event: str, column: str, row) -> None:
    """The database refuses to write this row, whoever asks."""
    table, side = model._meta.db_table, "OLD" if event == "DELETE" else "NEW"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TRIGGER refused_{table} BEFORE {event} ON {table} WHEN {side}.{column} = {int(row)} "
            "BEGIN SELECT RAISE(ABORT, 'refused'); END"
        )


class World:
    def __init__(self) -> None:
        self.branches = bank()
        self.head = person("900001", "严守正", self.branches["HO"], roles=[Role.ADMINISTRATOR])

    def two(self, **fields) -> list[User]:
        return [
            person(f"10000{n}", "林见鹿", self.branches["BJ01"], email=f"s{n}@bank.example", **fields) for n in (1, 2)
        ]

    def papers(self, **values) -> list[Attempt]:
        quiz = quiz_of(bank_of(1), 1)
        return [
            Attempt.objects.create(
                quiz=quiz,
                learner=learner,
                occasion="x",
                number=1,
                language="zh-hans",
                paper=[],
                pass_mark=60,
                max_mark=2,
                **values,
            )
            for learner in self.two()
        ]

    def certificates(self) -> list[Certificate]:
        level = CareerLevel.objects.create(code="CM1", rank=1, name="等级一")
        track = CertificationTrack.objects.create(code="cm1", name="认证", level=level)
        for one in self.two():
            import_history(
                person=one,
                track=track,
                awarded_on=TODAY() - timedelta(days=30),
                valid_through=TODAY() + timedelta(days=300),
                now=NOW() - timedelta(hours=1),
                actor=None,
            )
        Certificate.objects.update(pdf_digest="", pdf_size=None, rendered_at=None, issued_at=NOW() - timedelta(hours=1))
        return list(Certificate.objects.order_by("pk"))

    def enrolments(self, **values) -> list:
        course = course_of("etiquette")
        made = [enrol(learner=one, course=course, now=NOW()) for one in self.two()]
        for one in made:
            one.lessons.create(lesson=course.lessons.get(), opened_at=NOW(), done_at=NOW())
        type(made[0]).objects.update(**values)
        return made

    def notices(self, people: list[User]) -> list[Notice]:
        return [Notice.objects.create(person=one, kind="import_done", event="x", facts={"file": "a"}) for one in people]
