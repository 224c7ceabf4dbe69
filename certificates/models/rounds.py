"""认证批次: a round of certification, who applied in it, and what was objected. In which phase it stands is reckoned."""

from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from academy.models import Branch
from certificates.models.certifications import Certification
from certificates.models.tracks import CertificationTrack, RuleVersion
from quizzes.models import ExamSession

# In their order. Those with True lie after the one before, the others may lie on the same day. The re-sits may be left out.
DAYS = (
    ("apply_from", False),
    ("apply_until", False),
    ("judged_on", True),
    ("objections_until", False),
    ("exams_from", True),
    ("exams_until", False),
    ("resits_until", True),
    ("results_on", True),
    ("publicity_from", False),
    ("publicity_until", False),
    ("award_on", True),
)


def _days_in_order() -> Q:
    """What the database says of the days, with and without a day for the re-sits."""
    condition, before = Q(), ""
    for name, later in DAYS:
        if name == "resits_until":
            continue
        if before:
            condition &= Q(**{f"{name}__{'gt' if later else 'gte'}": F(before)})
        before = name
    resits = Q(resits_until=None) | Q(resits_until__gt=F("exams_until"), resits_until__lt=F("results_on"))
    return condition & resits


class CertificationRound(models.Model):
    """One notice, one list of people and one common award date for a track, or for some lines or a branch of it.

    What was done and when are facts here; the phase is made of them and of the days by ``certificates.rounds.phases``.
    """

    class Applying(models.TextChoices):
        PERSON = "person", _("The person applies")
        MANAGER = "manager", _("The line manager applies for own people")
        ALL = "all", _("Everybody who may is entered when eligibility is judged")

    class Ranking(models.TextChoices):
        SCORE = "score", _("The mark of the exams, then who applied first")
        ORDER = "order", _("Who applied first")

    track = models.ForeignKey(
        CertificationTrack, on_delete=models.PROTECT, related_name="rounds", verbose_name=_("track")
    )
    name = models.CharField(_("name (Chinese)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80, blank=True)
    lines = models.JSONField(
        _("lines"), default=list, blank=True, help_text=_("For people posted in these lines; none ticked: every line.")
    )
    branch = models.ForeignKey(
        Branch,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="rounds",
        verbose_name=_("branch and all below"),
        help_text=_("Empty: the whole bank."),
    )
    applying = models.CharField(_("who applies"), max_length=10, choices=Applying.choices, default=Applying.PERSON)
    notice = models.TextField(
        _("notice"), max_length=2000, blank=True, help_text=_("What applicants should know, in the bank's own words.")
    )
    places = models.PositiveIntegerField(
        _("places"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("At most this many people are certified. Empty: everybody who passes."),
    )
    ranking = models.CharField(_("who comes first"), max_length=10, choices=Ranking.choices, default=Ranking.SCORE)
    apply_from = models.DateField(_("applications from"))
    apply_until = models.DateField(_("applications through"))
    judged_on = models.DateField(_("eligibility as of"))
    objections_until = models.DateField(_("objections to eligibility through"))
    exams_from = models.DateField(_("exams and observations from"))
    exams_until = models.DateField(_("exams and observations through"))
    resits_until = models.DateField(_("re-sits through"), null=True, blank=True, help_text=_("Empty: no re-sit."))
    results_on = models.DateField(_("results on"))
    publicity_from = models.DateField(_("publicity from"))
    publicity_until = models.DateField(_("publicity and objections through"))
    award_on = models.DateField(_("common award date"))
    # Of the day of the notice, and fixed from then on.
    rule_version = models.ForeignKey(
        RuleVersion, null=True, editable=False, on_delete=models.PROTECT, related_name="rounds"
    )
    announced_at = models.DateTimeField(null=True, editable=False)
    announced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    judged_at = models.DateTimeField(null=True, editable=False)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    listed_at = models.DateTimeField(null=True, editable=False)
    listed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, editable=False)
    cancelled_at = models.DateTimeField(null=True, editable=False)
    cancel_reason = models.CharField(max_length=500, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sessions = models.ManyToManyField(ExamSession, through="RoundSession", related_name="rounds")

    class Meta:
        verbose_name = _("certification round")
        verbose_name_plural = _("certification rounds")
        ordering = ["-apply_from", "-pk"]
        constraints = [
            models.CheckConstraint(condition=_days_in_order(), name="days_of_a_round_are_in_order"),
            models.CheckConstraint(
                condition=Q(announced_at=None) | Q(rule_version__isnull=False), name="announced_round_has_its_rules"
            ),
            models.CheckConstraint(
                condition=(Q(judged_at=None) | Q(announced_at__isnull=False))
                & (Q(listed_at=None) | Q(judged_at__isnull=False))
                & (Q(closed_at=None) | Q(listed_at__isnull=False)),
                name="steps_of_a_round_are_in_order",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(cancelled_at=None), name="round_is_closed_or_cancelled"
            ),
        ]

    def __str__(self) -> str:
        return self.local_name

    @property
    def local_name(self) -> str:
        return (self.name_en or self.name) if get_language() == "en" else self.name

    @property
    def names(self) -> dict[str, str]:
        return {"zh-hans": self.name, "en": self.name_en or self.name}

    @property
    def going_on(self) -> bool:
        """Announced, and neither closed nor cancelled."""
        return self.announced_at is not None and self.closed_at is None and self.cancelled_at is None

    def get_absolute_url(self) -> str:
        """Where a learner sees it."""
        return reverse("certificates:round", args=[self.pk])


class RoundSession(models.Model):
    """A session of an exam that belongs to a round, for the exam itself or for its re-sit."""

    round = models.ForeignKey(CertificationRound, on_delete=models.PROTECT, related_name="sittings")
    session = models.OneToOneField(ExamSession, on_delete=models.PROTECT, related_name="sitting_of_round")
    resit = models.BooleanField(_("re-sit"), default=False)

    class Meta:
        ordering = ["session__starts_at", "pk"]

    def __str__(self) -> str:
        return f"{self.round_id} {self.session_id}"


class RoundApplication(models.Model):
    """报名: one person in one round, and what became of it. Whoever moves meanwhile stays in it."""

    class Result(models.TextChoices):
        PASSED = "passed", pgettext_lazy("round", "Passed")
        FAILED = "failed", pgettext_lazy("round", "Not passed")
        ABSENT = "absent", _("Absent")
        DEFERRED = "deferred", _("Deferred")
        IRREGULAR = "irregular", _("Irregular")
        VOID = "void", pgettext_lazy("exam result", "Void")

    class Ending(models.TextChoices):
        """Why somebody is out of it before its end."""

        WITHDRAWN = "withdrawn", pgettext_lazy("round", "Withdrawn")
        LEFT = "left", _("Left the bank")
        HOLDS = "holds", _("Holds the level already")
        LOST = "lost", _("Does not meet the requirements any more")

    round = models.ForeignKey(CertificationRound, on_delete=models.PROTECT, related_name="applications")
    # As the round's, so that the database holds that a person stands in one open round of a track.
    track = models.ForeignKey(CertificationTrack, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="round_applications", verbose_name=_("person")
    )
    branch = models.ForeignKey(Branch, null=True, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(_("words"), max_length=500, blank=True)
    applied_at = models.DateTimeField(default=timezone.now)
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    eligible = models.BooleanField(_("eligible"), null=True)
    # Why not, each in both languages.
    reasons = models.JSONField(default=list)
    result = models.CharField(_("result"), max_length=10, choices=Result.choices, blank=True)
    # What is missing where it is not passed, each in both languages.
    missing = models.JSONField(default=list)
    score = models.DecimalField(_("mark"), max_digits=7, decimal_places=4, null=True)
    rank = models.PositiveIntegerField(_("rank"), null=True)
    resat = models.BooleanField(_("re-sit"), default=False)
    document_number = models.CharField(_("document number"), max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    certification = models.OneToOneField(Certification, null=True, on_delete=models.PROTECT, related_name="application")
    # From when the person does not stand in this round any more, and why before its end.
    closed_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=10, choices=Ending.choices, blank=True)

    class Meta:
        verbose_name = _("application in a round")
        verbose_name_plural = _("applications in rounds")
        ordering = ["round", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "person"], name="one_application_a_round_and_person"),
            models.UniqueConstraint(
                fields=["person", "track"], condition=Q(closed_at=None), name="one_open_round_a_person_and_track"
            ),
            models.CheckConstraint(condition=Q(result="") | Q(eligible=True), name="only_the_eligible_have_a_result"),
            models.CheckConstraint(
                condition=(Q(decided_at=None) & Q(document_number=""))
                | (Q(decided_at__isnull=False) & ~Q(document_number="")),
                name="decided_by_a_document",
            ),
            models.CheckConstraint(
                condition=Q(certification=None) | Q(decided_at__isnull=False), name="certified_by_a_decision"
            ),
            models.CheckConstraint(condition=Q(ending="") | Q(closed_at__isnull=False), name="ended_is_closed"),
        ]
        indexes = [
            models.Index(
                fields=["decided_at"], condition=Q(certification=None, closed_at=None), name="application_to_issue"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.person_id}"

    @property
    def has_place(self) -> bool:
        """Passed, and among the places where there are so many only."""
        if self.result != self.Result.PASSED:
            return False
        places = self.round.places
        return places is None or (self.rank is not None and self.rank <= places)

    @property
    def state(self) -> Any:
        """Where the person stands, in words."""
        if self.ending:
            return self.get_ending_display()
        if self.certification_id is not None:
            return _("Certified")
        if self.result:
            return self.get_result_display() if self.result != "passed" or self.has_place else _("Passed, no place")
        if self.eligible is None:
            return _("Applied")
        return _("Eligible") if self.eligible else _("Not eligible")


class RoundObjection(models.Model):
    """异议: to the own eligibility, to the own result, or in the publicity against somebody of the list."""

    class About(models.TextChoices):
        ELIGIBILITY = "eligibility", _("Eligibility")
        RESULT = "result", _("Result")
        LISTED = "listed", _("Somebody on the list")

    application = models.ForeignKey(RoundApplication, on_delete=models.PROTECT, related_name="objections")
    about = models.CharField(_("about"), max_length=12, choices=About.choices)
    words = models.CharField(_("objection"), max_length=1000)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="round_objections")
    upheld = models.BooleanField(null=True)
    answer = models.CharField(_("answer"), max_length=1000, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ["made_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "about", "made_by"], name="one_objection_a_person_and_matter"
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, upheld=None, answer="", answered_by=None)
                | (Q(answered_at__isnull=False, upheld__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                name="objection_is_answered_whole",
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None) | ~Q(answered_by=F("made_by")), name="nobody_answers_their_objection"
            ),
        ]
        indexes = [
            models.Index(fields=["application"], condition=Q(answered_at=None), name="objection_open"),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.about}"
