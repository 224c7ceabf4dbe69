"""Who may do what, where and how long: grants, from which groups are derived."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from academy.models.branches import Branch
from academy.models.facts import FactQuerySet, RecordedFact, span_is_ordered
from academy.models.leave import Leave
from academy.models.people import User


class Role(models.TextChoices):
    """The parts people play beside learning."""

    TRAINER = "trainer", _("Trainer")
    REVIEWER = "reviewer", _("Reviewer")
    HR = "hr", _("HR training administrator")
    BRANCH_ADMINISTRATOR = "branch_administrator", _("Branch training administrator")
    LINE_MANAGER = "line_manager", _("Line manager")
    ASSESSOR = "assessor", _("Assessor")
    INVIGILATOR = "invigilator", _("Invigilator")
    MARKER = "marker", _("Marker")
    EXAM_KEEPER = "exam_keeper", _("Exam keeper")
    AUDITOR = "auditor", _("Auditor")
    ADMINISTRATOR = "administrator", _("System administrator")


# Roles that open the admin; the others work on the learner's side only.
ADMIN_ROLES = (
    Role.TRAINER,
    Role.REVIEWER,
    Role.HR,
    Role.BRANCH_ADMINISTRATOR,
    Role.MARKER,
    Role.EXAM_KEEPER,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)
# Roles that act for people: every change to a person, a list or a file asks these, and never who may only read.
ACTING_ROLES = (Role.HR, Role.BRANCH_ADMINISTRATOR, Role.ADMINISTRATOR)
# Roles that see people's records in their part of the tree.
PEOPLE_ROLES = (Role.HR, Role.BRANCH_ADMINISTRATOR, Role.AUDITOR, Role.ADMINISTRATOR)
# Roles that see other people or what is kept from them: all that there are. A new one sees others until it is taken out
# here by name.
SEEING_ROLES = tuple(Role)
# Roles that are given to a day only.
TIME_BOXED_ROLES = (Role.AUDITOR,)


class GrantQuerySet(FactQuerySet["RoleGrant"]):
    """Grants, asked as of a day."""

    def in_force(self, on: date) -> Self:
        """Effective on the day; a deputy's open grant only while the person deputised for is on leave."""
        away = Leave.objects.current().effective(on).filter(person=OuterRef("deputy_for"))
        return self.effective(on).filter(Q(deputy_for=None) | Q(effective_until__isnull=False) | Exists(away))


class RoleGrant(RecordedFact):
    """A role, given to a person for a branch and everything below it, from a day to a day."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_grants", verbose_name=_("person"))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    branch = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="role_grants",
        verbose_name=_("branch"),
        help_text=_("The role holds here and in every branch below."),
    )
    deputy_for = models.ForeignKey(
        User,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="deputies",
        verbose_name=_("deputy of"),
        help_text=_("Without a last day the deputy acts only while this person is on leave."),
    )

    # The plugin takes the manager of the base for a variable of the class, and this one not.
    objects = GrantQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("role grant")
        verbose_name_plural = _("role grants")
        ordering = ["person", "role"]
        constraints = [
            span_is_ordered("grant_span_is_ordered"),
            models.UniqueConstraint(
                fields=["person", "role", "branch"],
                condition=Q(effective_until=None, withdrawn_at=None, deputy_for=None),
                name="one_open_grant_a_person_role_branch",
            ),
            models.UniqueConstraint(
                fields=["person", "role", "branch", "deputy_for"],
                condition=Q(effective_until=None, withdrawn_at=None, deputy_for__isnull=False),
                name="one_open_grant_a_deputy",
            ),
            models.CheckConstraint(
                condition=Q(deputy_for=None) | ~Q(deputy_for=models.F("person")), name="nobody_is_their_own_deputy"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.role} {self.branch_id}"
