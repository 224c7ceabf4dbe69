"""HR's forms about audiences and assignments; what they say is shown before it is saved."""

from datetime import date
from typing import Any, cast

from django import forms
from django.db.models.query import QuerySet
from django.utils.translation import gettext_lazy as _

from academy.dates.due_dates import RELATIVE, DueFrom
from academy.duties.assignments.access import ASSIGNERS, audiences_visible_to, branches_to_assign_in
from academy.errors.refusals import RuleViolation
from academy.forms import field_of
from academy.models import Assignment, Audience, Branch, StaffType, User
from academy.models.levels import Line
from academy.requests.asked import DayField, DayInput
from academy.staff.access import people_visible_to
from academy.staff.audiences import Pasted, read_numbers

RULES = ("position", "line", "level", "hired_from", "hired_until", "staff_type")


class AudienceForm(forms.ModelForm):
    """A rule, or a list that is pasted; within the part of the bank that the person answers for."""

    numbers = forms.CharField(
        label=_("Staff numbers"),
        required=False,
        max_length=600_000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("Pasted from a spreadsheet or typed: one per line, or separated by spaces or commas."),
    )
    leave_out = forms.BooleanField(label=_("Leave the lines with faults out"), required=False)

    class Meta:
        model = Audience
        fields = ["name", "branch", "kind", *RULES]
        widgets = {"kind": forms.RadioSelect, "hired_from": DayInput(), "hired_until": DayInput()}

    field_order = ["name", "branch", "kind", *RULES, "numbers"]

    def __init__(self, *args: Any, viewer: User, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer, self.today = viewer, today
        self.fields["name"].label = _("Name of the audience")
        branches = branches_to_assign_in(viewer, today)
        field_of(self, "branch", forms.ModelChoiceField).queryset = branches
        field_of(self, "kind", forms.ChoiceField).choices = Audience.Kind.choices
        for name in ("position", "level"):
            field_of(self, name, forms.ModelChoiceField).empty_label = _("Any")
        for name, choices in (("line", Line.choices), ("staff_type", StaffType.choices)):
            field_of(self, name, forms.ChoiceField).choices = [("", _("Any")), *choices]
        self.pasted: Pasted | None = None
        if self.instance.pk:
            self.initial["numbers"] = "\n".join(self.instance.listed.values_list("staff_number", flat=True))
        elif not self.is_bound:
            self.initial["branch"] = branches.order_by("path").first()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") == Audience.Kind.LIST:
            for name in RULES:
                cleaned[name] = None if name in ("position", "level", "hired_from", "hired_until") else ""
            self._read(cleaned.get("numbers", ""))
        first, last = cleaned.get("hired_from"), cleaned.get("hired_until")
        if first and last and last < first:
            self.add_error("hired_until", _("The last day is before the first."))
        return cleaned

    def _read(self, text: str) -> None:
        try:
            self.pasted = read_numbers(
                text, visible=people_visible_to(self.viewer, self.today, ASSIGNERS), on=self.today
            )
        except RuleViolation as refusal:
            self.add_error("numbers", refusal.message)

    @property
    def listed(self) -> list[User] | None:
        return self.pasted.people if self.pasted else None

    @property
    def shown(self) -> list[forms.BoundField]:
        """Fields of the form itself; the box about faults stands beside them."""
        return [field for field in self if field.name != "leave_out"]


class AssignmentForm(forms.ModelForm):
    """What, for whom, by when."""

    field_order = [
        "course",
        "programme",
        "track",
        "audience",
        "required",
        "effective_from",
        "due_from",
        "due_date",
        "after_course",
        "due_amount",
        "due_unit",
        "short_time",
        "note",
    ]

    def __init__(self, *args: Any, viewer: User, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        model: type[Assignment] = self._meta.model
        target = field_of(self, model.target_field, forms.ModelChoiceField)
        target.queryset = model.targets()
        target.empty_label = _("Choose")
        self.fields["required"].label = _("Required")
        field_of(self, "audience", forms.ModelChoiceField).queryset = audiences_visible_to(viewer, today).filter(
            branch__in=branches_to_assign_in(viewer, today)
        )
        field_of(self, "audience", forms.ModelChoiceField).empty_label = _("Choose")
        field_of(self, "after_course", forms.ModelChoiceField).empty_label = _("Choose")
        if not self.is_bound:
            self.initial["effective_from"] = today

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        since, kind = cleaned.get("effective_from"), cleaned.get("due_from")
        if since and since < self.today:
            self.add_error("effective_from", _("An assignment begins today or later."))
        if kind == DueFrom.FIXED:
            day = cleaned.get("due_date")
            if day is None and "due_date" not in self.errors:
                self.add_error("due_date", _("Enter the day."))
            elif day and since and day < since:
                self.add_error("due_date", _("It would be due before it begins."))
        if kind in RELATIVE and not cleaned.get("due_amount") and "due_amount" not in self.errors:
            self.add_error("due_amount", _("Enter how long after it."))
        if kind == DueFrom.COMPLETED and not cleaned.get("after_course"):
            self.add_error("after_course", _("Choose the course."))
        # What does not belong to the chosen kind of date is not kept.
        if kind != DueFrom.FIXED:
            cleaned["due_date"] = None
        if kind not in RELATIVE:
            cleaned["due_amount"] = None
        if kind != DueFrom.COMPLETED:
            cleaned["after_course"] = None
        return cleaned


def assignment_form(model: type[Assignment]) -> type[AssignmentForm]:
    """The form of one kind of assignment."""
    days: dict[str, type[forms.Widget] | forms.Widget] = {"effective_from": DayInput(), "due_date": DayInput()}
    made = forms.modelform_factory(
        model,
        form=AssignmentForm,
        widgets=days,
        fields=[
            name for name in AssignmentForm.field_order if name in {field.name for field in model._meta.get_fields()}
        ],
    )
    return cast(type[AssignmentForm], made)


class ChosenForm(forms.Form):
    """Whom an act is about: people by number, a branch, or everybody in the assignment. One of them."""

    numbers = forms.CharField(
        label=_("Staff numbers"),
        required=False,
        max_length=600_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
    )
    branch = forms.ModelChoiceField(
        Branch.objects.none(), label=_("or a branch and below"), required=False, empty_label="–"
    )
    everybody = forms.BooleanField(label=_("or everybody in the assignment"), required=False)
    reason = forms.CharField(
        label=_("Reason"), max_length=1000, widget=forms.TextInput, help_text=_("Goes into the journal.")
    )

    def __init__(self, *args: Any, viewer: User, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer, self.today = viewer, today
        field_of(self, "branch", forms.ModelChoiceField).queryset = branches_to_assign_in(viewer, today)
        self.pasted: Pasted | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        ways = [bool(cleaned.get("numbers", "").strip()), bool(cleaned.get("branch")), bool(cleaned.get("everybody"))]
        if sum(ways) != 1:
            self.add_error("numbers", _("Name the people in one of the three ways."))
        elif ways[0]:
            try:
                self.pasted = read_numbers(
                    cleaned["numbers"], visible=people_visible_to(self.viewer, self.today, ASSIGNERS), on=self.today
                )
            except RuleViolation as refusal:
                self.add_error("numbers", refusal.message)
        return cleaned

    def checked(self, rows: QuerySet) -> QuerySet:
        """The rows that are meant, after whatever speaks against the act with them is said in the form."""
        return rows

    def details(self) -> dict[str, Any]:
        """As ``works.chosen_rows`` takes it."""
        found: dict[str, Any] = {"reason": self.cleaned_data["reason"].strip()}
        if self.pasted is not None:
            found["people"] = [person.pk for person in self.pasted.people]
        elif self.cleaned_data["branch"]:
            found["branch"], found["on"] = self.cleaned_data["branch"].path, self.today.isoformat()
        return found


class ExtendForm(ChosenForm):
    """A later due date: a day, or so many days more for each."""

    due_on = DayField(label=_("New due date"), required=False)
    days = forms.IntegerField(label=_("or so many days more"), required=False, min_value=1, max_value=3660)

    field_order = ["numbers", "branch", "everybody", "due_on", "days", "reason"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        day, days = cleaned.get("due_on"), cleaned.get("days")
        if bool(day) == bool(days) and not {"due_on", "days"} & set(self.errors):
            self.add_error("due_on", _("Enter the new due date, or by how many days."))
        elif day and day < self.today:
            self.add_error("due_on", _("The day is past."))
        return cleaned

    def checked(self, rows: QuerySet) -> QuerySet:
        if rows.exists() and not rows.exclude(due_on=None, extensions=None, problem="").exists():
            self.add_error(None, _("None of them has a due date, so there is nothing to extend."))
        return rows

    def details(self) -> dict[str, Any]:
        day = self.cleaned_data["due_on"]
        return {**super().details(), "due_on": day.isoformat() if day else None, "days": self.cleaned_data["days"] or 0}
