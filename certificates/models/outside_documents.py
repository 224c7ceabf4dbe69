"""外部证明: a document from elsewhere that a requirement accepts, handed in and checked by another person."""

import uuid

from django.conf import settings
from django.contrib.admin import display
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.models.slugs import MadeSlugField, NamesItself
from academy.models.two_languages import SaidInTwoLanguages


class OutsideDocumentKind(NamesItself, SaidInTwoLanguages, models.Model):
    """What can be handed in: a qualification of the trade, a yearly appraisal, a confirmation of good standing."""

    code = MadeSlugField(_("code"), made_from=("name_en", "name"), max_length=60, unique=True)
    name = models.CharField(_("name (Chinese)"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=120, blank=True)
    brief = models.TextField(
        _("what is to be handed in (Chinese)"), max_length=1000, blank=True, help_text=_("Read beside the form.")
    )
    brief_en = models.TextField(_("what is to be handed in (English)"), max_length=1000, blank=True)
    number_needed = models.BooleanField(_("has a number"), default=True)
    scan_needed = models.BooleanField(_("a scan is needed"), default=True)
    ends = models.BooleanField(
        _("has a last valid day"),
        default=False,
        help_text=_("Then the day is asked for, and the holder is reminded before it."),
    )
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("kind of outside document")
        verbose_name_plural = _("kinds of outside documents")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.local_name

    def get_absolute_url(self) -> str:
        return reverse("certificates:hand_in", args=[self.code])

    @property
    @display(description=_("kind of outside document"))
    def local_name(self) -> str:
        return self.words("name")


class OutsideDocument(models.Model):
    """One document of a person. What was checked stays as it is; one that proves false is set aside by two people."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("outside document", "Being checked")
        ACCEPTED = "accepted", pgettext_lazy("outside document", "Accepted")
        REFUSED = "refused", pgettext_lazy("outside document", "Not accepted")
        WITHDRAWN = "withdrawn", pgettext_lazy("outside document", "Withdrawn")
        SET_ASIDE = "set_aside", pgettext_lazy("outside document", "Set aside")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.ForeignKey(
        OutsideDocumentKind, on_delete=models.PROTECT, related_name="documents", verbose_name=_("kind")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="outside_documents", verbose_name=_("person")
    )
    number = models.CharField(_("number on the document"), max_length=80, blank=True)
    issuer = models.CharField(_("issued by"), max_length=120)
    issued_on = models.DateField(_("issued on"))
    valid_through = models.DateField(_("last valid day"), null=True, blank=True)
    scan_digest = models.CharField("SHA-256", max_length=64, blank=True, editable=False)
    scan_kind = models.CharField(max_length=4, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    handed_in_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    handed_in_at = models.DateTimeField(_("handed in at"), default=timezone.now)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("outside document")
        verbose_name_plural = _("outside documents")
        ordering = ["-handed_in_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_through=None) | Q(valid_through__gte=models.F("issued_on")),
                name="a_document_ends_after_its_issue",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "refused", "set_aside"])
                | Q(checked_by__isnull=False, checked_at__isnull=False),
                name="a_checked_document_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(checked_by=None) | ~Q(checked_by=models.F("person")), name="nobody_checks_the_own_document"
            ),
            models.UniqueConstraint(
                fields=["person", "kind", "number", "issued_on"],
                condition=Q(state__in=["waiting", "accepted"]),
                name="one_document_counts_once",
            ),
        ]
        indexes = [models.Index(fields=["person", "kind"], name="outside_document_of_person")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind_id} {self.issued_on}"

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING
