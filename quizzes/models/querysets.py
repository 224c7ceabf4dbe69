"""Questions to many attempts, named for who asks."""

from datetime import datetime
from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from academy.models import HouseSwitch


class AttemptQuerySet[Row: models.Model](models.QuerySet[Row]):
    """Attempts. What counts for a course, a level or a register is said here and nowhere else."""

    def open(self) -> Self:
        """The one paper of a person that is not closed: drawn ahead, being written, or waiting to be handed in."""
        return self.filter(state__in=("not_started", "in_progress", "overdue"))

    def counting(self) -> Self:
        """Graded, released and not void: what a course, a level, the register and the transcript may know of."""
        return self.filter(state="finished", released_at__isnull=False, annulled_at=None)

    def to_check(self, by: datetime) -> Self:
        """For the clock: open attempts whose next moment has come, the longest overdue first."""
        return self.filter(check_at__lte=by).order_by("check_at")

    def to_follow_up(self) -> Self:
        """For the clock: results from which nothing has followed yet."""
        return self.counting().filter(followed_up_at=None).order_by("released_at")

    def with_surroundings(self) -> Self:
        """Each with what its review asks about it, so that nothing is asked that has no answer: ``has_others`` that the
        person has more attempts on this occasion, ``is_arranged`` that rules of the person's own hold for the quiz,
        ``holds_others`` that another paper of theirs is open, ``has_book`` that something ever stood in their
        wrong-answer book, ``has_words`` that the quiz says something to a result, ``kept`` how many answers lie beside it."""
        override, kept, words, wrong = (
            apps.get_model("quizzes", name) for name in ("QuizOverride", "KeptAnswer", "QuizFeedback", "WrongQuestion")
        )
        papers = self.model._default_manager.filter(learner=OuterRef("learner")).exclude(pk=OuterRef("pk"))
        arranged = override.objects.filter(quiz=OuterRef("quiz"))
        count = kept.objects.filter(attempt=OuterRef("pk")).order_by().values("attempt").annotate(count=Count("pk"))
        return self.annotate(
            has_others=Exists(papers.filter(quiz=OuterRef("quiz"), occasion=OuterRef("occasion"))),
            is_arranged=Exists(arranged.filter(Q(person=OuterRef("learner")) | Q(people=OuterRef("learner")))),
            holds_others=Exists(papers.filter(state__in=("not_started", "in_progress", "overdue"))),
            has_book=Exists(wrong.objects.filter(person=OuterRef("learner"))),
            has_words=Exists(words.objects.filter(quiz=OuterRef("quiz"))),
            kept=Coalesce(Subquery(count.values("count"), output_field=IntegerField()), 0),
        )

    def with_networks(self) -> Self:
        """Each with ``networks``: from where its quiz may be sat."""
        return self.annotate(networks=F("quiz__networks"))

    def with_device(self) -> Self:
        """Each with what decides whether a browser may keep its pages: ``keeps_on_devices`` that head office lets it, and
        ``is_supervised`` that the person sits the exam in a session."""
        candidate = apps.get_model("quizzes", "Candidate")
        seated = candidate.objects.filter(person=OuterRef("learner"), session__quiz=OuterRef("quiz"))
        switched_off = HouseSwitch.objects.filter(code=HouseSwitch.KEEP_ON_DEVICES, on=False)
        return self.annotate(keeps_on_devices=~Exists(switched_off), is_supervised=Exists(seated))

    def of(self, quiz: Any, learner: Any) -> Self:
        """For the start page and the rules: a person's attempts at a quiz, in the order they were sat."""
        return self.filter(quiz=quiz, learner=learner).order_by("pk")
