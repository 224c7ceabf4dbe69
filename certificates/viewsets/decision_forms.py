"""What is asked of each decision about levels, and the plan that the answers make."""

from datetime import date
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.calendar.clock import local_day
from academy.forms import field_of
from academy.models import User
from academy.models.levels import by_rank
from academy.requests.asked import DayField
from academy.staff.access import people_visible_to
from academy.viewsets.uploads import check_content
from certificates.award.dating import people_out_of_time
from certificates.deciding.ending import REFUSABLE
from certificates.deciding.people import MOST_PEOPLE, in_spreadsheet, pasted, people_of
from certificates.deciding.plan import (
    ACCEPT,
    ACTS,
    AWARD,
    CORRECT,
    END,
    EXTEND,
    LOWER,
    RECKONED,
    REINSTATE,
    REVOKE,
    WAIVE,
    DecisionPlan,
    asked_of_track,
    lower_tracks,
)
from certificates.deciding.proposing import PROPOSERS, refused_because_waiting
from certificates.deciding.words import people_named
from certificates.models import CertificationTrack

# What each act asks beside people and reason, in the order of the form.
FIELDS: dict[str, tuple[str, ...]] = {
    WAIVE: ("about", "until", "this_cycle"),
    ACCEPT: ("about", "on", "document_number"),
    EXTEND: ("until",),
    AWARD: ("until", "document_number"),
    REVOKE: ("on", "grounds"),
    REINSTATE: ("on", "document_number"),
    LOWER: ("lower", "on", "document_number"),
    END: ("on",),
    CORRECT: (),
}
OPTIONAL = {WAIVE: ("until",), AWARD: ("until",)}
DAYS = {
    ACCEPT: _("Day of the evidence"),
    REVOKE: _("Revoked from"),
    REINSTATE: _("Holds again from"),
    LOWER: _("Lower from"),
    END: _("Ends on"),
}
LAST_DAYS = {WAIVE: _("Waived through"), EXTEND: _("New last day"), AWARD: _("Holds through")}
HELP = {
    WAIVE: _("Empty: until the waiver is taken back."),
    EXTEND: _("The last valid day, inclusive. Whoever does not hold the level yet has until then to obtain it."),
    AWARD: _(
        "Applies to those whose time after taking up the post is over; everybody else on the list keeps "
        "the track's own day."
    ),
    REINSTATE: _("The day on which it ended leaves no gap."),
}


def fields_of(act: str, track: CertificationTrack) -> tuple[str, ...]:
    """What an act asks about a track: an award asks for its last day only where the track counts from the posting."""
    if act == AWARD and track.mode != CertificationTrack.Mode.POSTING:
        return tuple(name for name in FIELDS[act] if name != "until")
    return FIELDS[act]


class ChoiceOfAct(forms.Form):
    """Which decision, about which track: what else is asked depends on both."""

    act = forms.ChoiceField(label=_("Decision"), widget=forms.RadioSelect)
    track = forms.ModelChoiceField(
        label=_("Track"), queryset=CertificationTrack.objects.none(), to_field_name="code", empty_label=None
    )
    numbers = forms.CharField(widget=forms.HiddenInput, required=False, max_length=50_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        field_of(self, "act", forms.ChoiceField).choices = [
            (act, f"{label} – {said}") for act, (label, said) in ACTS.items()
        ]
        tracks = CertificationTrack.objects.order_by("-active", *by_rank(), "code")
        field_of(self, "track", forms.ModelChoiceField).queryset = tracks.select_related("level")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        track = cleaned.get("track")
        if track is not None and not track.active and cleaned.get("act") not in (REVOKE, END, CORRECT):
            self.add_error("track", _t("This track is not in use any more: it can only be revoked, ended or reissued."))
        return cleaned


class DecisionForm(forms.Form):
    """Whom, what exactly, and why."""

    numbers = forms.CharField(
        label=_("Staff numbers, one a line"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=50_000,
        required=False,
    )
    file = forms.FileField(label=_("or a spreadsheet (XLSX or CSV) with a column of staff numbers"), required=False)
    about = forms.ChoiceField(label=_("Requirement"))
    lower = forms.ModelChoiceField(
        label=_("Lower level"), queryset=CertificationTrack.objects.none(), to_field_name="code", empty_label=None
    )
    on = DayField(label=pgettext_lazy("moment", "From"))
    until = DayField(label=_("Through"))
    this_cycle = forms.BooleanField(label=_("For this award only"), required=False)
    grounds = forms.MultipleChoiceField(
        label=_("Evidence it was based on"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("It never counts again, nor does what was done before it."),
    )
    document_number = forms.CharField(label=_("Document number"), max_length=80, required=False)
    reason = forms.CharField(
        label=_("Reason"), max_length=500, help_text=_("Goes into the journal, and the person is notified.")
    )

    def __init__(self, *args: Any, viewer: User, act: str, track: CertificationTrack, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.viewer, self.act, self.track = viewer, act, track
        self.today = local_day(timezone.now())
        asked = fields_of(act, track)
        for name in ("about", "lower", "on", "until", "this_cycle", "grounds", "document_number"):
            if name not in asked:
                del self.fields[name]
        for name in set(OPTIONAL.get(act, ())) & set(asked):
            self.fields[name].required = False
        self._label(asked)
        self._demand_last_day(kwargs.get("initial") or {})
        self._offer(asked)
        self.order_fields(["numbers", "file", *asked, "reason"])

    def _label(self, asked: tuple[str, ...]) -> None:
        for name, labels in (("on", DAYS), ("until", LAST_DAYS)):
            if name in asked:
                self.fields[name].label = labels[self.act]
                self.fields[name].help_text = HELP.get(self.act, "")
        if "on" in asked and self.act != ACCEPT:
            self.fields["on"].initial = self.today
        self.fields["numbers"].help_text = _("%(count)s people at most.") % {"count": MOST_PEOPLE}

    def _demand_last_day(self, initial: dict[str, Any]) -> None:
        """An award names beforehand those on the list whose last day has to be said."""
        if self.act != AWARD or "until" not in self.fields:
            return
        numbers = str(initial.get("numbers", "")).splitlines()[:MOST_PEOPLE]
        named = list(people_visible_to(self.viewer, self.today, PROPOSERS).filter(staff_number__in=numbers))
        late = people_out_of_time([person.pk for person in named], self.track, self.today)
        if late:
            names = people_named([str(person) for person in named if person.pk in late])
            self.fields["until"].help_text = _t(
                "Needed for %(names)s, whose time after taking up the post is over."
            ) % {"names": names}

    def _offer(self, asked: tuple[str, ...]) -> None:
        subjects = asked_of_track(self.track, self.today)
        if "about" in asked:
            field_of(self, "about", forms.ChoiceField).choices = [
                (subject, key.label)
                for subject, key in subjects.items()
                if self.act == WAIVE or key.kind not in RECKONED
            ]
        if "grounds" in asked:
            field_of(self, "grounds", forms.MultipleChoiceField).choices = [
                (subject, key.label) for subject, key in subjects.items() if key.kind in REFUSABLE
            ]
        if "lower" in asked:
            field_of(self, "lower", forms.ModelChoiceField).queryset = lower_tracks(self.track)

    def clean_file(self) -> Any:
        file = self.cleaned_data.get("file")
        if file:
            check_content(file)
        return file

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data.get("until")
        if until is not None and until < self.today:
            raise forms.ValidationError(_t("This day is past. Give today or a later day."))
        return until

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        text, file = cleaned.get("numbers", ""), cleaned.get("file")
        if "numbers" in self.errors or "file" in self.errors:
            return cleaned
        place = "file" if file else "numbers"
        if file and text.strip():
            self.add_error("file", _t("Paste a list or choose a file, not both."))
            return cleaned
        try:
            lines = in_spreadsheet(file) if file else pasted(text)
            cleaned["people"] = people_of(lines, viewer=self.viewer, on=self.today, roles=PROPOSERS)
            waiting = refused_because_waiting(track=self.track, people=cleaned["people"])
            if waiting:
                self.add_error(place, waiting)
        except forms.ValidationError as problem:
            self.add_error(place, problem)
        self._check_last_day(cleaned)
        return cleaned

    def _check_last_day(self, cleaned: dict[str, Any]) -> None:
        """Of an award a last day is said for whom the track gives none any more; everybody else keeps the track's own."""
        if self.act != AWARD or "until" not in self.fields or "until" in self.errors or "people" not in cleaned:
            return
        late = people_out_of_time([person.pk for person in cleaned["people"]], self.track, self.today)
        if late and cleaned.get("until") is None:
            names = people_named([str(person) for person in cleaned["people"] if person.pk in late])
            words = _t(
                "The time after taking up the post is over for %(names)s: enter the day through which the level holds."
            )
            self.add_error("until", words % {"names": names})
        elif not late and cleaned.get("until") is not None:
            self.add_error("until", _t("The track gives all of them the last valid day itself: leave it empty."))

    @property
    def people(self) -> list[User]:
        people: list[User] = self.cleaned_data["people"]
        return people

    @property
    def plan(self) -> DecisionPlan:
        data = self.cleaned_data
        return DecisionPlan(
            act=self.act,
            track=self.track,
            on=data.get("on") or self.today,
            until=data.get("until"),
            about=data.get("about", ""),
            this_cycle=data.get("this_cycle", False),
            lower=data.get("lower"),
            document_number=data.get("document_number", ""),
            grounds=tuple(data.get("grounds", ())),
        )

    @property
    def answers(self) -> list[tuple[str, str]]:
        """What was said, as fields that nobody sees: a file is said by the numbers that stood in it."""
        posted = cast("QueryDict", self.data)
        found = [("numbers", "\n".join(person.staff_number for person in self.people))]
        for name in self.fields:
            if name not in ("numbers", "file"):
                found += [(name, value) for value in posted.getlist(name)]
        return found
