"""People as the bank knows them: the sign-in, the employment, the post they stand in."""

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from academy.doors import by_name
from academy.models.branches import Branch
from academy.models.facts import RecordedFact, span_is_ordered
from academy.models.levels import Line
from academy.models.name_keys import LENGTH, NameKeyField, signs_of
from academy.models.querysets import UserQuerySet
from academy.models.slugs import MadeSlugField, NamesItself

STAFF_NUMBER = RegexValidator(r"^[0-9A-Za-z-]{1,32}\Z", _("A staff number has letters, digits and hyphens only."))


# The plugin does not follow a manager that is made of a queryset where a class is declared.
class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes people by staff number."""

    def create_user(self, staff_number: str, password: str | None = None, **fields: Any) -> "User":
        fields["email"] = self.normalize_email(fields.get("email") or "") or None
        user = self.model(staff_number=staff_number, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, staff_number: str, password: str | None = None, **fields: Any) -> "User":
        with transaction.atomic():
            user = self.create_user(staff_number, password, **fields)
            # The rule journals it, and knows this model.
            by_name("academy.staff.facts.set_superuser")(
                person=user, holds=True, reason="createsuperuser", now=timezone.now()
            )
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(staff_number=username)


# Wagtail's models that name a person by an untyped base are not resolved by the plugin.
class User(AbstractBaseUser, PermissionsMixin):  # type: ignore[django-manager-missing]
    """A person with a staff number. What they may do stands in ``RoleGrant``, where they work in ``Posting``."""

    class TextSize(models.TextChoices):
        NORMAL = "normal", _("Normal text")
        LARGE = "large", _("Large text")
        LARGEST = "largest", _("Largest text")

    class Appearance(models.TextChoices):
        SYSTEM = "system", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    staff_number = models.CharField(_("staff number"), max_length=32, unique=True, validators=[STAFF_NUMBER])
    display_name = models.CharField(pgettext_lazy("person", "name"), max_length=120)
    name_key = NameKeyField(of="display_name", max_length=LENGTH, blank=True, editable=False, db_index=True)
    email = models.EmailField(_("e-mail"), null=True, blank=True, unique=True)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, blank=True)
    text_size = models.CharField(_("text size"), max_length=10, choices=TextSize.choices, default=TextSize.NORMAL)
    appearance = models.CharField(_("appearance"), max_length=10, choices=Appearance.choices, default=Appearance.SYSTEM)
    optional_notices = models.BooleanField(
        _("optional notices by mail and messenger, too"),
        default=True,
        help_text=_(
            "Off: only what is required goes out, such as due dates, exams and decisions. Everything is in "
            "your inbox here in any case."
        ),
    )
    is_active = models.BooleanField(
        _("may sign in"), default=True, help_text=_("Switched off, the person cannot sign in; every record stays.")
    )
    must_change_password = models.BooleanField(default=False, editable=False)
    first_password_until = models.DateTimeField(null=True, blank=True, editable=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    quiet_load = models.ForeignKey(
        "academy.ImportRun",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="quiet_people",
        help_text="The import that brought the person, while HR has not opened it: until then they are told nothing.",
    )

    USERNAME_FIELD = "staff_number"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["staff_number"]

    def __str__(self) -> str:
        return f"{self.display_name} {self.staff_number}"

    @property
    def initials(self) -> str:
        return signs_of(self.display_name)

    @property
    def pseudonym(self) -> str:
        """The staff number of an account whose data were erased."""
        return f"erased-{self.pk}"

    @property
    def is_erased(self) -> bool:
        return self.staff_number == self.pseudonym

    @property
    def first_name(self) -> str:
        """What the admin's sidebar calls the person."""
        return self.display_name

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name


class StaffType(models.TextChoices):
    """用工类型: on what footing the person works here."""

    PERMANENT = "permanent", _("Permanent staff")
    CONTRACT = "contract", _("Contract staff")
    AGENCY = "agency", _("Agency staff")
    TRAINEE = "trainee", _("Management trainee")


class Employment(RecordedFact):
    """One span of service. A returner has two."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="employments", verbose_name=_("person"))
    staff_type = models.CharField(
        _("staff type"), max_length=20, choices=StaffType.choices, default=StaffType.PERMANENT
    )
    in_finance_since = models.DateField(
        _("in finance since"),
        null=True,
        blank=True,
        help_text=_("First day in finance, if it is before the hire date."),
    )

    class Meta:
        verbose_name = _("employment")
        verbose_name_plural = _("employments")
        ordering = ["effective_from"]
        constraints = [
            span_is_ordered("employment_span_is_ordered"),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(effective_until=None, withdrawn_at=None),
                name="one_open_employment_a_person",
            ),
        ]
        indexes = [
            models.Index(
                fields=["effective_until"],
                condition=Q(withdrawn_at=None, effective_until__isnull=False),
                name="employment_ended",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.effective_from} – {self.effective_until or ''}"


class Position(NamesItself, models.Model):
    """A job title with its line. Requirements name positions, never titles in text."""

    code = MadeSlugField(_("code"), made_from=("name_en", "name"), max_length=40, unique=True)
    name = models.CharField(_("name (Chinese)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80, blank=True)
    line = models.CharField(_("line"), max_length=20, choices=Line.choices, blank=True)

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        ordering = ["code"]

    def __str__(self) -> str:
        return (self.name_en or self.name) if get_language() == "en" else self.name


class Posting(RecordedFact):
    """Where a person works and as what, from a day on. One primary at a time."""

    class Kind(models.TextChoices):
        REGULAR = "regular", _("Regular post")
        CONCURRENT = "concurrent", _("Concurrent post")
        SECONDMENT = "secondment", _("Secondment")

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="postings", verbose_name=_("person"))
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="postings", verbose_name=_("branch"))
    department = models.CharField(_("department"), max_length=80, blank=True)
    position = models.ForeignKey(
        Position, on_delete=models.PROTECT, related_name="postings", verbose_name=_("position")
    )
    manager = models.ForeignKey(
        User,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="managed_postings",
        verbose_name=_("line manager"),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, default=Kind.REGULAR)
    primary = models.BooleanField(pgettext_lazy("post", "primary"), default=True)
    in_post_since = models.DateField(
        _("in post since"),
        null=True,
        blank=True,
        help_text=_("If it is before the first day of this posting: the same post under another manager or branch."),
    )

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        ordering = ["effective_from"]
        constraints = [
            span_is_ordered("posting_span_is_ordered"),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(primary=True, effective_until=None, withdrawn_at=None),
                name="one_primary_posting_a_person",
            ),
            models.CheckConstraint(
                condition=Q(manager=None) | ~Q(manager=models.F("person")), name="nobody_is_their_own_manager"
            ),
        ]
        indexes = [
            models.Index(fields=["branch", "person"], condition=Q(withdrawn_at=None), name="posting_branch_person"),
            models.Index(fields=["manager"], condition=Q(withdrawn_at=None), name="posting_manager"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.branch_id} {self.effective_from}"

    @property
    def post_began(self) -> date:
        """任现岗日期: the day from which the clocks of this post run."""
        return self.in_post_since or self.effective_from
