"""Files of HR on their way in: the run, what its check found row by row, and which column means what."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.models.jobs import JobRow
from academy.models.people import User


class ImportRun(JobRow):
    """One file: uploaded, its columns recognised, checked, confirmed and written by a task that one may leave."""

    class State(models.TextChoices):
        COLUMNS = "columns", _("Columns to be confirmed")
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked, not written")
        WRITING = "writing", _("Being written")
        DONE = "done", _("Written")
        FAILED = "failed", pgettext_lazy("work", "Stopped")
        CANCELLED = "cancelled", _("Given up")

    RUNNING = (State.CHECKING, State.WRITING)
    OPEN = (State.COLUMNS, State.CHECKING, State.CHECKED, State.WRITING, State.FAILED)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind of file"), max_length=40)
    file_name = models.CharField(_("file"), max_length=200)
    digest = models.CharField("SHA-256", max_length=64)
    size = models.PositiveBigIntegerField(_("size"))
    part = models.PositiveSmallIntegerField(default=1, help_text="Corrected files are further parts of the same run.")
    encoding = models.CharField(_("encoding"), max_length=40, blank=True)
    sheet = models.CharField(_("sheet"), max_length=60, blank=True)
    columns = models.JSONField(default=dict, help_text="Heading as it stands in the file to the field it means.")
    complete = models.BooleanField(
        _("the file is complete"), default=False, help_text=_("Whoever is not in it has left the bank.")
    )
    effective_on = models.DateField(_("changes are in force from"), null=True, blank=True)
    day_order = models.CharField(
        max_length=5, blank=True, help_text="day or month: which comes first where the year comes last."
    )
    for_new = models.JSONField(default=dict, help_text="What holds for new people where the file has no such column.")
    quiet = models.BooleanField(
        default=False,
        help_text="Nobody is told of what this file writes, and the people it brings of nothing, until it is opened.",
    )
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.COLUMNS)
    counts = models.JSONField(default=dict)
    # Up to where it is written; each batch says so in its own transaction, and whoever takes it up goes on there.
    step = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="imports", verbose_name=_("by")
    )
    started_at = models.DateTimeField(_("at"), default=timezone.now)
    checked_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(_("undone at"), null=True, editable=False)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-started_at", "-pk"]
        indexes = [models.Index(fields=["started_by", "-started_at"], name="import_by_whom")]

    def __str__(self) -> str:
        return self.file_name


class ImportLine(models.Model):
    """What the check found about one row that is not simply unchanged."""

    class Outcome(models.TextChoices):
        NEW = "new", pgettext_lazy("button", "New")
        CHANGED = "changed", _("Changed")
        LEFT = "left", _("Left the bank")
        ERROR = "error", _("With errors")
        LEFT_OUT = "left_out", _("Left out")

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="lines")
    part = models.PositiveSmallIntegerField()
    row = models.PositiveIntegerField(_("row"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    key = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=120, blank=True)
    details = models.JSONField(default=list)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["run", "outcome", "id"], name="import_line_page")]

    def __str__(self) -> str:
        return f"{self.row} {self.outcome}"


class ImportedPerson(models.Model):
    """What a written file did to one person: kept while it may be taken back, then what came of taking it back."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="written_people")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made = models.BooleanField(default=False, help_text="The account came with the file.")
    written_at = models.DateTimeField()
    before = models.JSONField(default=dict, help_text="Name, e-mail and whether the account was open, where changed.")
    after = models.JSONField(default=dict)
    facts = models.JSONField(default=dict, help_text="By model the keys of rows made and of rows withdrawn.")
    undone_at = models.DateTimeField(null=True)
    stays = models.JSONField(default=list, help_text="Why something could not be taken back, in every language.")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["run", "person"], name="one_row_a_run_and_person")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.person_id}"


class ColumnMapping(models.Model):
    """Which column means what, as one person said it for files with these headings."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    shape = models.CharField(max_length=64, help_text="Digest of the headings.")
    columns = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "shape"], name="one_mapping_a_person_and_shape")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind}"


class FormerStaffNumber(models.Model):
    """A number that a person had before: mergers renumber staff, and old files still name it."""

    number = models.CharField(_("staff number"), max_length=32, db_index=True)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="former_numbers", verbose_name=_("person"))
    until = models.DateField(pgettext_lazy("last day", "until"), help_text=_("Last day, inclusive."))
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("former staff number")
        verbose_name_plural = _("former staff numbers")
        ordering = ["-until", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["number", "person"], name="one_former_number_a_person"),
            models.CheckConstraint(condition=~Q(number=""), name="a_former_number_is_a_number"),
        ]

    def __str__(self) -> str:
        return self.number
