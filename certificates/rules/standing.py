"""Where a person stands on a track on a day: one pure function that every screen, report and award calls.

A requirement is met by dated evidence or says what is missing, in words that one can act on. Requirements of one
choice group are alternatives. A kind that this academy cannot judge yet is never met, and says so.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from academy.dates.periods import add_months
from academy.dates.years import years_within
from certificates.rules.acting import act_for, actor_for, said_of_span
from certificates.rules.applying import is_asked, parted_by_posts
from certificates.rules.decided import WAIVE, decisions_on, said_of_decided, waived_on, with_decisions
from certificates.rules.known import Evidence
from certificates.rules.possible import possible_words
from courses.hours.proportion import asked_in_proportion
from quizzes.grading.marks import reaches


@dataclass(frozen=True)
class Asked:
    """One requirement as the rules need it. ``label`` says in words what is asked, ``only_for`` of which positions only."""

    pk: int
    kind: str
    label: Any
    phase: str = "pass"
    group: str = ""
    group_needs: int = 1
    course: int | None = None
    quiz: int | None = None
    score: Decimal | None = None
    rank: int | None = None
    positions: tuple[str, ...] = ()
    practices: tuple[int, ...] = ()
    documents: tuple[int, ...] = ()
    amount: int = 0
    lasts: str = "once"
    lasts_months: int = 0
    url: str = ""
    line: str = ""
    track: int | None = None
    mark: str = ""
    opens_after: tuple[str, ...] = ()
    level: int | None = None
    only_positions: tuple[str, ...] = ()
    only_for: str = ""

    @property
    def exam(self) -> int | None:
        """The quiz that is to be passed; a dialogue is played in one, which nothing opens."""
        return self.quiz if self.kind == "quiz" else None


@dataclass(frozen=True)
class Judged:
    """One requirement on a day. ``possible_on`` is set where time is all that is missing; an exam that is not open yet
    says in ``opens_after`` what has to be met first, ``opened`` that it is open, ``opened_on`` since when, where noted.
    ``decided`` is the act of a person by which it is met, '' where evidence meets it. ``known_closer`` where ``missing``
    was said anew (see ``ladder_courses``, ``ladder_exams``); ``used_up``, or its year is ``past``: HR helps."""

    asked: Asked
    met: bool
    evidence_on: date | None = None
    missing: str = ""
    possible_on: date | None = None
    opens_after: tuple["Judged", ...] = ()
    opened: bool = False
    opened_on: date | None = None
    decided: str = ""
    known_closer: bool = False
    used_up: bool = False
    past: bool = False
    act_for_manager = property(lambda line: act_for(line, manager=True))

    @property
    def act(self) -> str:
        """Who must act, and where, for readers who are not the person; '' where it is met."""
        return act_for(self)

    @property
    def actor(self) -> str:
        """Whose turn it is, as the person reads it; '' where it is met."""
        return actor_for(self)

    @property
    def by_decision(self) -> str:
        """In words, that a person's decision meets it; '' where evidence does."""
        return said_of_decided(self.decided, self.asked.kind)


@dataclass(frozen=True)
class Standing:
    """All requirements of a track that are asked of a person, judged; ``not_asked`` are those of other posts."""

    lines: tuple[Judged, ...]
    not_asked: tuple[Asked, ...] = ()

    @property
    def met(self) -> bool:
        """Everything is met: alone, or as one of a choice group with enough met."""
        return bool(self.lines) and not self.missing

    @property
    def missing(self) -> tuple[Judged, ...]:
        groups: dict[str, int] = {}
        for line in self.lines:
            if line.asked.group and line.met:
                groups[line.asked.group] = groups.get(line.asked.group, 0) + 1
        return tuple(
            line
            for line in self.lines
            if not line.met and not (line.asked.group and groups.get(line.asked.group, 0) >= line.asked.group_needs)
        )

    @property
    def conditions_met(self) -> bool:
        return not any(line.asked.phase == "apply" for line in self.missing)

    @property
    def completed_on(self) -> date | None:
        """The day the last evidence came in; None while something is missing."""
        days = [line.evidence_on for line in self.lines if line.met and line.evidence_on]
        return max(days) if self.met and days else None

    @property
    def earliest(self) -> date | None:
        """The first possible day, where time is all that the missing conditions need."""
        waits = [line for line in self.missing if line.asked.phase == "apply"]
        days = [line.possible_on for line in waits if line.possible_on is not None]
        return max(days) if days and len(days) == len(waits) else None


def evaluate(
    asked: tuple[Asked, ...],
    evidence: Evidence,
    on: date,
    *,
    cycle_from: date | None = None,
    anew_from: date | None = None,
    validity: tuple[date, date] | None = None,
    cycle: int | None = None,
) -> Standing:
    """Judges every requirement that is asked of who holds these posts on the day.

    ``cycle_from`` is the first day that counts for evidence asked every cycle; for who begins anew, ``anew_from`` is the
    first that counts for what is to be passed once; ``validity`` is the first and the last valid day of the certification
    that is renewed, None for a first award. ``cycle`` is the number that the award would carry.
    """
    asked, not_asked = parted_by_posts(asked, evidence.posts, on)
    lines = (_judge(requirement, evidence, on, cycle_from, anew_from, validity, cycle) for requirement in asked)
    return Standing(tuple(lines), not_asked)


def _judge(
    asked: Asked,
    evidence: Evidence,
    on: date,
    cycle_from: date | None,
    anew_from: date | None,
    validity: tuple[date, date] | None,
    cycle: int | None = None,
) -> Judged:
    decisions = decisions_on(asked, evidence.decided, cycle)
    if (waived := waived_on(decisions)) is not None:
        return Judged(asked, True, waived, decided=WAIVE)
    rule = with_decisions(_RULES.get(asked.kind, _unknown), decisions)
    if asked.lasts == "yearly" and validity is not None:
        return _each_year(rule, asked, evidence, on, validity)
    since = _counts_from(asked, on, cycle_from, validity)
    if anew_from is not None and asked.lasts == "once" and asked.phase == "pass":
        since = anew_from
    return rule(asked, evidence, on, since)


def _unknown(asked: Asked, evidence: Evidence, on: date, since: date) -> Judged:
    return Judged(asked, False, missing=_("This cannot be recorded here yet."))


def _counts_from(asked: Asked, on: date, cycle_from: date | None, validity: tuple[date, date] | None) -> date:
    if asked.lasts == "within":
        return add_months(on, -asked.lasts_months)
    if asked.lasts == "cycle" and cycle_from is not None:
        return cycle_from
    if asked.lasts == "span" and validity is not None:
        return validity[0]
    return date.min


def _each_year(
    rule: Callable[..., Judged], asked: Asked, evidence: Evidence, on: date, validity: tuple[date, date]
) -> Judged:
    """Met in each year that has begun, but those that ended in another post; the first without it says what is missing."""
    judged = None
    for first, last in years_within(*validity):
        if first > on:
            break
        if not is_asked(asked.only_positions, evidence.posts, min(on, last)):
            continue
        judged = rule(asked, evidence, min(on, last), first)
        if not judged.met:
            return replace(judged, missing=said_of_span(first, last, judged.missing), past=last < on)
    # Before the first whole year has begun nothing is asked yet.
    return judged or Judged(asked, True)


def _course(asked: Asked, evidence: Evidence, on: date, since: date) -> Judged:
    days = [day for day in evidence.courses.get(asked.course or 0, ()) if since <= day <= on]
    return _by_days(asked, days) or Judged(asked, False, missing=_("Complete the course."))


def _by_days(asked: Asked, found: list[date], needed: int = 1) -> Judged | None:
    """Met by so many days: what is asked once on the day that made them enough, what is asked anew on the last."""
    if len(found) < needed:
        return None
    days = sorted(found)
    return Judged(asked, True, days[needed - 1] if asked.lasts == "once" else days[-1])


def _quiz(asked: Asked, evidence: Evidence, on: date, since: date) -> Judged:
    days = [
        day
        for day, score, passed in evidence.quizzes.get(asked.quiz or 0, ())
        if since <= day <= on and (passed if asked.score is None else reaches(score, asked.score))
    ]
    return _by_days(asked, days) or Judged(asked, False, missing=_("Pass it."))


def _level_held(asked: Asked, evidence: Evidence, on: date, since: date) -> Judged:
    """Sums the valid days of the level or a higher one; a gap within the grace is bridged, but does not count."""
    rows = sorted((row for row in evidence.held if row.gives(asked) and row.since <= on), key=lambda r: r.since)
    holds = any(row.since <= on <= row.through for row in rows)
    if asked.amount == 0:
        start = max((row.since for row in rows if row.through >= on), default=None)
        return Judged(asked, holds, start if holds else None, "" if holds else _("Hold this level."))
    days, first, reach, grace = 0, None, None, 0
    for row in rows:
        through = min(row.through, on)
        if reach is not None and (row.since - reach).days - 1 > grace:
            days, reach = 0, None
        start = row.since if reach is None else max(row.since, reach + timedelta(days=1))
        first = start if reach is None else first
        days += max(0, (through - start).days + 1)
        reach, grace = max(through, reach or through), row.grace_days
    if first is None or not holds:
        return Judged(asked, False, missing=_("This level is not held."))
    # The months are full on the day after their last one.
    needed = (add_months(first, asked.amount) - first).days + 1
    if days >= needed:
        return Judged(asked, True, on - timedelta(days=days - needed))
    possible = on + timedelta(days=needed - days)
    words = possible_words(possible, max(row.through for row in rows))
    return Judged(asked, False, missing=words, possible_on=possible)


def _posted(asked: Asked, evidence: Evidence, on: date, since: date) -> Judged:
    posts = [post for post in evidence.posts if post.position in asked.positions and post.is_held(on)]
    if posts:
        return Judged(asked, True, min(post.since for post in posts))
    return Judged(asked, False, missing=_("Be posted in this position."))


def _months_in_post(asked: Asked, evidence: Evidence, on: date, since: date) -> Judged:
    """Months since taking up the post that is held; an unbroken row of named positions counts as one."""
    posts = [post for post in evidence.posts if not asked.positions or post.position in asked.positions]
    current = [post for post in posts if post.is_held(on)]
    if not current:
        return Judged(asked, False, missing=_("Be in post for %(months)s months.") % {"months": asked.amount})
    start = min(post.since for post in current)
    earlier = sorted((post for post in posts if post.until), key=lambda post: post.until or on, reverse=True)
    for post in earlier:
        if asked.positions and post.until and post.until + timedelta(days=1) >= start > post.since:
            start = post.since
    possible = add_months(start, asked.amount)
    if possible <= on:
        return Judged(asked, True, possible)
    return Judged(asked, False, missing=possible_words(possible), possible_on=possible)


def _years_in_finance(asked: Asked, evidence: Evidence, on: date, since: date) -> Judged:
    if evidence.finance_since is None:
        return Judged(asked, False, missing=_("The first day in finance is not known."))
    possible = add_months(evidence.finance_since, asked.amount * 12) + timedelta(days=evidence.finance_breaks)
    if possible <= on:
        return Judged(asked, True, possible)
    return Judged(asked, False, missing=possible_words(possible), possible_on=possible)


def _no_ban(asked: Asked, evidence: Evidence, on: date, since: date) -> Judged:
    """A ban of another line than the level's is not in the way; a level for every line knows no such ban."""
    open_bans = [
        ban
        for ban in evidence.bans
        if ban.since <= on and (ban.until is None or on <= ban.until) and (not ban.line or ban.line == asked.line)
    ]
    if not open_bans:
        return Judged(asked, True)
    ends = [ban.until for ban in open_bans]
    possible = max(end for end in ends if end) + timedelta(days=1) if all(ends) else None
    return Judged(asked, False, missing=possible_words(possible) if possible else "", possible_on=possible)


def _hours(asked: Asked, evidence: Evidence, on: date, since: date) -> Judged:
    """Training hours of the period; leave within it makes the number asked smaller, in proportion."""
    needed = Decimal(asked.amount)
    if since > date.min:
        needed = asked_in_proportion(needed, first=since, last=on, absences=evidence.leaves, on=on)
    done = Decimal(0)
    for day, hours in sorted(evidence.hours):
        if since <= day <= on:
            done += hours
            if done >= needed:
                return Judged(asked, True, day)
    if needed == 0:
        return Judged(asked, True)
    text = _("%(done)s of %(asked)s hours; %(missing)s to go.")
    missing = {"done": done.normalize(), "asked": needed.normalize(), "missing": (needed - done).normalize()}
    return Judged(asked, False, missing=text % {key: f"{value:f}" for key, value in missing.items()})


def _recommendation(asked: Asked, evidence: Evidence, on: date, since: date) -> Judged:
    days = [day for day in evidence.recommended.get(asked.track or 0, ()) if since <= day <= on]
    return _by_days(asked, days) or Judged(asked, False, missing=_("Not recommended yet."))


def _observation(asked: Asked, evidence: Evidence, on: date, since: date) -> Judged:
    """So many passed observations of any of the practices named."""
    if not asked.practices:
        return Judged(asked, False, missing=_("HR has not said yet what is observed."))
    days = sorted(day for key in asked.practices for day in evidence.observed.get(key, ()) if since <= day <= on)
    needed = max(1, asked.amount)
    if len(days) >= needed:
        return Judged(asked, True, days[needed - 1] if asked.lasts == "once" else days[-1])
    if needed == 1:
        return Judged(asked, False, missing=_("Be observed and pass."))
    return Judged(
        asked, False, missing=_("%(done)s of %(asked)s observations passed.") % {"done": len(days), "asked": needed}
    )


def _course_taught(asked: Asked, evidence: Evidence, on: date, since: date) -> Judged:
    """So many sessions taught: of the course named, or of any."""
    courses = evidence.taught if asked.course is None else [asked.course]
    days = [day for key in courses for day in evidence.taught.get(key, ()) if since <= day <= on]
    taught = _by_days(asked, days, max(1, asked.amount))
    return taught or Judged(asked, False, missing=_("Teach a classroom session that is reviewed afterwards."))


def _dialogue(asked: Asked, evidence: Evidence, on: date, since: date) -> Judged:
    days = [day for day in evidence.dialogues.get(asked.quiz or 0, ()) if since <= day <= on]
    return _by_days(asked, days) or Judged(asked, False, missing=_("Play the dialogue until the client is won over."))


def _outside_document(asked: Asked, evidence: Evidence, on: date, since: date) -> Judged:
    """So many accepted documents of any of the kinds named, each issued in time and valid still."""
    if not asked.documents:
        return Judged(asked, False, missing=_("HR has not said yet which document is asked for."))
    issued = sorted(
        first
        for kind in asked.documents
        for first, last in evidence.documents.get(kind, ())
        if since <= first <= on and (last is None or on <= last)
    )
    needed = max(1, asked.amount)
    if len(issued) >= needed:
        return Judged(asked, True, issued[needed - 1] if asked.lasts == "once" else issued[-1])
    if evidence.documents_checked_now.intersection(asked.documents):
        return Judged(asked, False, missing=_("Handed in; it is being checked."))
    return Judged(asked, False, missing=_("Hand in the document."))


_RULES = {
    "course": _course,
    "quiz": _quiz,
    "level_held": _level_held,
    "posted": _posted,
    "months_in_post": _months_in_post,
    "years_in_finance": _years_in_finance,
    "no_ban": _no_ban,
    "hours": _hours,
    "recommendation": _recommendation,
    "observation": _observation,
    "course_taught": _course_taught,
    "outside_document": _outside_document,
    "dialogue": _dialogue,
}


def is_recorded(kind: str) -> bool:
    """Whether this academy can judge the kind at all."""
    return kind in _RULES
