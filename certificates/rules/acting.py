"""Who must act about a requirement that is missing, and where: for the person, and for readers who are somebody else."""

from datetime import date
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from academy.bilingual import listed

if TYPE_CHECKING:
    from certificates.models import Requirement
    from certificates.rules.standing import Judged

# Where the person meets each kind. ``missing`` itself speaks to the person: a course of which only the quiz lacks, a wait.
_ACTS = {
    "course": gettext_lazy("The person opens it under Courses, finishes every lesson and passes its quiz."),
    "quiz": gettext_lazy("The person starts it from To do on the home page, and passes."),
    "dialogue": gettext_lazy("The person plays it under Practice, and reaches what is asked."),
    "level_held": gettext_lazy("The person first obtains this level; the time it is held counts automatically."),
    "posted": gettext_lazy(
        "Met once the person works in such a post and HR has recorded the posting. Nobody is transferred for the sake of a "
        "level."
    ),
    "months_in_post": gettext_lazy(
        "Counts automatically while the person works in such a post, as HR has recorded the posting. "
        "Nobody is transferred for the sake of a level."
    ),
    "years_in_finance": gettext_lazy("HR enters the first day in finance: People, open the person, Edit."),
    "no_ban": gettext_lazy("The ban has no last day: HR decides when it ends."),
    "hours": gettext_lazy("The person earns hours from courses and classes, or HR enters them under Trainings."),
    "recommendation": gettext_lazy("The line manager recommends: My team, the person's page, Recommend."),
    "observation": gettext_lazy(
        "The person or the line manager asks for it: My team, the person's page, Ask for an observation. "
        "An assessor then scores it."
    ),
    "course_taught": gettext_lazy(
        "HR enters the person as teacher of a classroom session, and closes it once it is held."
    ),
    "outside_document": gettext_lazy("The person hands it in under Certificates; HR checks it."),
}


# What is asked of a year that is over.
_PAST = gettext_lazy(
    "That year is over, and nothing done from now on counts for it. HR enters earlier training with its proof under "
    "Trainings, or decides: waive the requirement."
)
_PAST_FOR_MANAGERS = gettext_lazy(
    "That year is over, and nothing done from now on counts for it. Send HR the proof of earlier training, or HR decides."
)
# The same for a line manager, who has no way into HR's pages.
_ACTS_FOR_MANAGERS = _ACTS | {
    "posted": gettext_lazy("HR records it."),
    "months_in_post": gettext_lazy("HR records it."),
    "years_in_finance": gettext_lazy("HR records it."),
    "hours": gettext_lazy("The person earns hours from courses and classes, or HR records them."),
}

# Whose turn it is. A course or paper of the person is the rule, which needs no entry.
_ACTORS = {
    "posted": gettext_lazy("HR"),
    "months_in_post": gettext_lazy("HR"),
    "years_in_finance": gettext_lazy("HR"),
    "no_ban": gettext_lazy("HR"),
    "recommendation": gettext_lazy("Your line manager"),
    "observation": gettext_lazy("You ask for it, an assessor scores"),
    "course_taught": gettext_lazy("You teach, HR reviews"),
    "outside_document": gettext_lazy("You hand it in, HR checks"),
}


def actor_for(line: "Judged") -> str:
    """In words for the person, whose turn it is to bring a missing requirement about; '' where it is met. Pure."""
    if line.met:
        return ""
    if line.possible_on is not None:
        return _("Nobody: it comes with time")
    if line.past:
        return _("HR")
    if line.used_up:
        return _("A trainer or HR at head office")
    return str(_ACTORS.get(line.asked.kind) or pgettext("whose turn", "You"))


def act_for(line: "Judged", *, manager: bool = False) -> str:
    """In words, what brings a missing requirement about: who does what, and where. Pure; '' where it is met. ``manager``:
    without the ways of HR's pages.

    Where only time is missing, or nothing can be done before something else, that is what it says.
    """
    if line.met:
        return ""
    if line.possible_on is not None:
        return line.missing
    if line.opens_after:
        names = listed(first.asked.label for first in line.opens_after)
        return _("Opens once these are met: %(names)s.") % {"names": names}
    if line.known_closer:
        return (
            _("All lessons are done; the person opens the course and takes its quiz.")
            if _is_course(line)
            else line.missing
        )
    if line.past:
        past = _PAST_FOR_MANAGERS if manager else _PAST
        return _("%(state)s %(act)s") % {"state": line.missing, "act": past} if line.missing else str(past)
    words = str((_ACTS_FOR_MANAGERS if manager else _ACTS).get(line.asked.kind) or line.missing)
    return _("%(state)s %(act)s") % {"state": line.missing, "act": words} if _says_more(line) else words


def said_of_span(first: date, last: date, what: str) -> str:
    """A natural year by its number; what is no whole one by its two days: the year in which it began may be over."""
    if (first, last) == (date(first.year, 1, 1), date(first.year, 12, 31)):
        return _("%(year)s: %(what)s") % {"year": first.year, "what": what}
    days = {"first": date_format(first, "SHORT_DATE_FORMAT"), "last": date_format(last, "SHORT_DATE_FORMAT")}
    return _("%(first)s – %(last)s: %(what)s") % {**days, "what": what}


def _is_course(line: "Judged") -> bool:
    return line.asked.kind == "course"


def _says_more(line: "Judged") -> bool:
    """Whether ``missing`` tells how far it is, which the act does not."""
    several = line.asked.kind == "observation" and line.asked.amount > 1
    return bool(line.missing) and (several or line.asked.kind in ("hours", "outside_document"))


def where_to_act(requirement: "Requirement") -> str:
    """The address at which the person meets it; '' where there is none, or it is others who act."""
    if requirement.kind == "course_taught":
        return ""
    if requirement.course is not None:
        return reverse("courses:course", args=[requirement.course.code])
    if requirement.quiz is not None:
        return requirement.quiz.get_absolute_url()
    if requirement.kind == "observation":
        practices = list(requirement.practices.all())
        return practices[0].get_absolute_url() if len(practices) == 1 else reverse("observe:index")
    if requirement.kind == "outside_document":
        documents = list(requirement.documents.all())
        return documents[0].get_absolute_url() if len(documents) == 1 else reverse("certificates:documents")
    return ""
