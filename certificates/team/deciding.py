"""What a manager decides about a person and a level, as the screens ask for it: in which words, and who reads them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.models import User
from certificates.models import CertificationTrack
from certificates.team.asking import ask_for_observation, refuse_what_cannot_be_asked, take_request_back
from certificates.team.recommending import recommend, refuse_where_none_is_wanted, take_recommendation_back
from quizzes.models import ObservedPractice
from quizzes.observing.reach import assessors_asked

type About = CertificationTrack | ObservedPractice


def _the_person(person: User, about: About, today: date) -> list[User]:
    return [person]


def _assessors(person: User, about: About, today: date) -> list[User]:
    assert isinstance(about, ObservedPractice)
    return list(assessors_asked(person, about, today).order_by("staff_number"))


@dataclass(frozen=True)
class Decision:
    """One act about a person and ``about``: a level's track, or an observed practice. Texts have places for ``name`` and
    ``what``; ``asks`` stands above the field, empty without one."""

    title: Any
    text: Any
    asks: Any
    button: Any
    done: Any
    readers: Callable[[User, About, date], list[User]]
    carry_out: Callable[..., Any]
    about: type[CertificationTrack] | type[ObservedPractice] = CertificationTrack
    # Raises ``RuleViolation`` where there is nothing to decide, before anybody writes a word.
    refuse: Callable[..., None] = lambda person, about, today: None

    def said_of(self, text: Any, person: User, about: CertificationTrack | ObservedPractice) -> str:
        """One of the texts, about this person."""
        what = about.level if isinstance(about, CertificationTrack) else about.local_name
        return str(text % {"name": person.display_name, "what": what})

    def act(self, *, person: User, about: CertificationTrack | ObservedPractice, **facts: Any) -> None:
        name = "track" if isinstance(about, CertificationTrack) else "practice"
        self.carry_out(person=person, **{name: about}, **facts)


DECISIONS = {
    "recommend": Decision(
        _("Recommend for a level"),
        _(
            "You recommend %(name)s for %(what)s. It is one of the requirements: the others still have to be met. It is kept "
            "as evidence, counts from tomorrow, and can be taken back until the end of today."
        ),
        _("Why is this person ready?"),
        pgettext_lazy("verb", "Recommend"),
        _("%(name)s is recommended for %(what)s. It counts from tomorrow; today it can be taken back here."),
        _the_person,
        recommend,
        CertificationTrack,
        refuse_where_none_is_wanted,
    ),
    "observe": Decision(
        _("Ask for an observation"),
        _(
            "The assessors of the branch are asked to observe %(name)s: %(what)s. Line managers, mentors and people still in "
            "their programme are left out. The person reads your message, too. It can be taken back until the end of today."
        ),
        _("What should they look at, and when does it suit?"),
        pgettext_lazy("verb", "Ask for it"),
        _("The assessors were asked to observe %(name)s: %(what)s. Today this can be taken back here."),
        _assessors,
        ask_for_observation,
        ObservedPractice,
        refuse_what_cannot_be_asked,
    ),
    "recommend-back": Decision(
        _("Take the recommendation back"),
        _("%(name)s is no longer recommended for %(what)s. A level that was awarded meanwhile stays until HR decides."),
        _("Why is it taken back?"),
        _("Take back"),
        _("The recommendation of %(name)s for %(what)s is taken back."),
        _the_person,
        take_recommendation_back,
    ),
    "observe-back": Decision(
        _("Take the request back"),
        _("The request to observe %(name)s is taken back: %(what)s. Those who know of it are notified."),
        _("Why is it taken back?"),
        _("Take back"),
        _("The request to observe %(name)s is taken back: %(what)s."),
        _assessors,
        take_request_back,
        ObservedPractice,
    ),
}
UNDOING = {"recommend": DECISIONS["recommend-back"], "observe": DECISIONS["observe-back"]}
