"""What a manager decides about a person and a level, as the screens ask for it: in which words, and who reads them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.models import User
from certificates.models import CertificationTrack
from certificates.team.asking import ask_for_observation, take_request_back
from certificates.team.recommending import recommend, refuse_where_none_is_asked, take_recommendation_back
from quizzes.observing.reach import assessors_for


def _the_person(person: User, today: date) -> list[User]:
    return [person]


def _assessors(person: User, today: date) -> list[User]:
    return list(assessors_for(person, today).order_by("staff_number"))


@dataclass(frozen=True)
class Decision:
    """One act. Texts have places for ``name`` and ``level``; ``asks`` stands above the field, empty without one."""

    title: Any
    text: Any
    asks: Any
    button: Any
    done: Any
    readers: Callable[[User, date], list[User]]
    carry_out: Callable[..., Any]
    # Raises ``RuleViolation`` where there is nothing to decide, before anybody writes a word.
    refuse: Callable[[CertificationTrack, date], None] = lambda track, today: None

    def text_for(self, person: User, track: CertificationTrack) -> str:
        return self.text % {"name": person.display_name, "level": track.level}


DECISIONS = {
    "recommend": Decision(
        _("Recommend for a level"),
        _(
            "You say that %(name)s is ready for %(level)s. It is kept as evidence, counts from tomorrow, and can be undone "
            "until the end of today."
        ),
        _("Why is this person ready?"),
        pgettext_lazy("verb", "Recommend"),
        _("%(name)s is recommended for %(level)s. It counts from tomorrow; today it can be undone here."),
        _the_person,
        recommend,
        refuse_where_none_is_asked,
    ),
    "observe": Decision(
        _("Ask for an observation"),
        _(
            "The assessors of the branch are asked to observe %(name)s for %(level)s. It can be undone until the end of today."
        ),
        _("What should they look at, and when does it suit?"),
        pgettext_lazy("verb", "Ask"),
        _("The assessors were asked to observe %(name)s for %(level)s. Today this can be undone here."),
        _assessors,
        ask_for_observation,
    ),
    "recommend-back": Decision(
        _("Take the recommendation back"),
        _(
            "%(name)s is no longer recommended for %(level)s. A level that was awarded meanwhile stays until HR decides."
        ),
        _("Why is it taken back?"),
        _("Take back"),
        _("The recommendation of %(name)s for %(level)s is taken back."),
        _the_person,
        take_recommendation_back,
    ),
    "observe-back": Decision(
        _("Take the request back"),
        _("%(name)s need not be observed for %(level)s. The assessors who were asked are told."),
        _("Why is it taken back?"),
        _("Take back"),
        _("The request to observe %(name)s for %(level)s is taken back."),
        _assessors,
        take_request_back,
    ),
}
UNDOING = {"recommend": DECISIONS["recommend-back"], "observe": DECISIONS["observe-back"]}
