"""Forms of the learner's side."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from academy.bilingual import listed
from academy.calendar.clock import local_day
from academy.calendar.working_days import WorkingCalendar, working_calendar
from quizzes.types.checking import unprintable

REPORT_LENGTH = 1000


class ReportForm(forms.Form):
    """What somebody finds wrong with a question."""

    text = forms.CharField(
        label=_("What is wrong?"),
        help_text=_("Say what you expected: two right options, an outdated rule, a slip of the pen."),
        min_length=4,
        max_length=REPORT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def clean_text(self) -> str:
        text = self.cleaned_data["text"]
        if unprintable(text):
            raise forms.ValidationError(_("There is a character that cannot be stored."))
        return text


OFFERED_DAYS, FIRST_HOUR, LAST_HOUR, OPENED = 60, 7, 21, "09:00"


def is_day_off(day: date) -> bool:
    """Whether an occasion on this day is on no working day of the bank."""
    return not working_calendar(first=day, last=day).is_working(day)


def _day_in_words(day: date, calendar: WorkingCalendar) -> str:
    """The day with its weekday; what is no working day says so, and may be chosen all the same."""
    words = date_format(day, "Y-m-d D")
    return words if calendar.is_working(day) else f"{words} · {pgettext('day', 'not a working day')}"


class OfferForm(forms.Form):
    """Time and place that an assessor offers: a day of the next two months and a half hour, chosen with a thumb.

    ``starts_at`` and ``place`` stand already: another time begins from them. ``busy`` is what the assessor is expected at,
    ``taken`` the hours that the person has no time.
    """

    day = forms.ChoiceField(label=_("Day"))
    time = forms.ChoiceField(label=pgettext_lazy("of the day", "Time"))
    place = forms.CharField(label=_("Place"), max_length=160, help_text=_("Branch and room, or which counter."))

    def __init__(
        self,
        data: Any,
        *,
        now: datetime,
        busy: Sequence[str] = (),
        taken: Sequence[str] = (),
        starts_at: datetime | None = None,
        place: str = "",
    ) -> None:
        super().__init__(data)
        today = local_day(now)
        self.now = now
        hours = [f"{hour:02}:{minute:02}" for hour in range(FIRST_HOUR, LAST_HOUR) for minute in (0, 30)]
        still = [hour for hour in hours if hour > timezone.localtime(now).strftime("%H:%M")]
        # What is over is not offered first: the next half hour of today, else of tomorrow when branches have opened.
        first = today if still else today + timedelta(days=1)
        days = [first + timedelta(days=number) for number in range(OFFERED_DAYS)]
        self.fields["time"].initial = still[0] if still else OPENED
        if starts_at is not None and starts_at >= now:
            stands = timezone.localtime(starts_at)
            self.fields["day"].initial = stands.date().isoformat()
            self.fields["time"].initial = stands.strftime("%H:%M")
        self.fields["place"].initial = place
        calendar = working_calendar(first=days[0], last=days[-1])
        if busy:
            self.fields["time"].help_text = _t("You are expected elsewhere: %(what)s.") % {"what": listed(busy)}
        if taken:
            self.fields["day"].help_text = _t("The person is expected elsewhere: %(when)s.") % {"when": listed(taken)}
        for name, choices in (
            ("day", [(day.isoformat(), _day_in_words(day, calendar)) for day in days]),
            ("time", [(hour, hour) for hour in hours]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("day") and values.get("time") and self.starts_at < self.now:
            self.add_error("time", _t("This time lies in the past."))
        return values

    @property
    def starts_at(self) -> datetime:
        """The moment that a valid form names, in the bank's time."""
        return timezone.make_aware(datetime.fromisoformat(f"{self.cleaned_data['day']}T{self.cleaned_data['time']}"))
