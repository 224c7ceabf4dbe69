"""What a decision would do, by name: it is done, looked at and rolled back, so that nothing has to be foretold.

Whoever proposes sees it, and whoever decides sees it computed anew.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from academy.bilingual import listed
from academy.calendar.clock import local_day
from academy.models import Notice, User
from academy.notices.inbox import read_notices
from certificates.board.facts import Facts, asking_on, facts_of
from certificates.board.rule import Cover
from certificates.deciding.carrying import TAKEN, carry_out
from certificates.deciding.cases import DecisionCase, cases_of, ending_of
from certificates.deciding.giving import ways_of_award
from certificates.deciding.plan import AWARD, GIVING, LOWER, DecisionPlan
from certificates.models import Appointment, Certificate, CertificationTrack
from certificates.rules.judging import judge_many
from certificates.rules.ladder_words import day_of


@dataclass(frozen=True)
class _State:
    """What is so of one person: levels with their last days, documents, what the post asks, what is missing."""

    held: dict[int, tuple[str, date]] = field(default_factory=dict)
    # By certification the document that stands: its number, and whom it names.
    documents: dict[int, tuple[str, str]] = field(default_factory=dict)
    cover: Cover | None = None
    # By level and post, the last day in time.
    due: dict[tuple[str, str], date] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    above: tuple[str, ...] = ()


@dataclass(frozen=True)
class PersonEffects:
    """What would be otherwise for one person, in words. ``refusal`` says why nothing would."""

    person: User
    ways: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    uncovered: bool = False
    refusal: str = ""

    @property
    def lines(self) -> list[str]:
        return [*self.ways, *self.levels, *self.requirements, *self.documents, *self.posts, *self.notices]


@dataclass(frozen=True)
class Effects:
    """What would be otherwise for all of them."""

    people: tuple[PersonEffects, ...]

    @property
    def refused(self) -> list[PersonEffects]:
        return [person for person in self.people if person.refusal]

    @property
    def possible(self) -> list[User]:
        """For whom nothing stands against it."""
        return [person.person for person in self.people if not person.refusal]

    @property
    def uncovered(self) -> list[PersonEffects]:
        """无证上岗: who would work without what the post asks, and does not today."""
        return [person for person in self.people if person.uncovered]

    @property
    def warned(self) -> list[PersonEffects]:
        return [person for person in self.people if person.warnings]


def effects_of(*, plan: DecisionPlan, people: Sequence[User], reason: str, actor: User, now: datetime) -> Effects:
    """Nothing of it stays. A constant number of queries to look, and what the acts themselves need for each person."""
    day = max(plan.on, local_day(now))
    with transaction.atomic():
        before = _states(people, plan.track, day)
        warnings = warnings_of(plan, people, local_day(now))
        ways = _ways(plan, people, local_day(now))
        refused = carry_out(plan=plan, people=people, reason=reason or "–", proposal=None, actor=actor, now=now)
        after = _states(people, plan.track, day)
        notices = _notices(people, now)
        transaction.set_rollback(True)
    return Effects(
        tuple(
            PersonEffects(person, refusal=refused[person.pk])
            if person.pk in refused
            else replace(
                _compared(person, before[person.pk], after[person.pk], notices[person.pk], warnings.get(person.pk, ())),
                ways=ways.get(person.pk, ()),
            )
            for person in people
        )
    )


def _ways(plan: DecisionPlan, people: Sequence[User], today: date) -> dict[int, tuple[str, ...]]:
    """Of an award whether the rules give it, or a person does beside them, and on what grounds."""
    if plan.act != AWARD:
        return {}
    cases = cases_of(people, plan.track, today)
    by_rules = _("By the rules: everything that is asked is met.")
    ways = ways_of_award(cases.values(), plan.track, today)
    return {person: (why or by_rules, *_grounds(cases[person])) for person, why in ways.items()}


def _grounds(case: DecisionCase) -> list[str]:
    """What of it is met, each with the day of its evidence."""
    standing = case.judged.standing
    met = [
        f"{line.asked.label} ({day_of(line.evidence_on)})" if line.evidence_on else str(line.asked.label)
        for line in (standing.lines if standing else ())
        if line.met
    ]
    return [_("Met: %(what)s") % {"what": pgettext("between reasons", "; ").join(met)}] if met else []


def _states(people: Sequence[User], track: CertificationTrack, day: date) -> dict[int, _State]:
    keys = [person.pk for person in people]
    asking = asking_on(day)
    facts = facts_of(keys, day, asking)
    levels = {requirement.level_id: str(requirement.level) for requirement in asking.requirements}
    judged = judge_many(people=people, tracks=[track], today=day)
    documents: dict[int, dict[int, tuple[str, str]]] = defaultdict(dict)
    valid = Certificate.objects.filter(person__in=keys, superseded_by=None).select_related("certification")
    for row in valid.order_by("serial"):
        named = "–" if row.is_altered else f"{row.snapshot['holder_name']} {row.snapshot['staff_number']}"
        documents[row.person_id][row.certification_id] = (row.serial, named)
    appointed = _appointments(keys, day)
    found = {}
    for key in keys:
        held = {
            certified.certification.track_id: (str(certified.certification.track.level), certified.through)
            for certified in facts[key].certified
            if certified.through >= day
        }
        rank = max(
            (
                certified.certification.track.level.rank or 0
                for certified in facts[key].certified
                if certified.through >= day
            ),
            default=0,
        )
        outcome, standing = facts[key].judged(day), judged[key, track.pk].standing
        found[key] = _State(
            held=held,
            documents=documents[key],
            cover=outcome.cover if outcome else None,
            due={(levels[demand.level], _post_of(facts[key])): demand.due_on for demand in outcome.lacking}
            if outcome
            else {},
            missing=tuple(str(line.asked.label) for line in standing.missing) if standing else (),
            above=tuple(name for level, name in appointed[key] if level > rank),
        )
    return found


def _post_of(facts: Facts) -> str:
    return listed(posting.position for posting in facts.postings) or "–"


def _appointments(people: Sequence[int], day: date) -> dict[int, list[tuple[int, str]]]:
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    rows = Appointment.objects.current().effective(day).filter(person__in=people).select_related("level")
    for row in rows:
        found[row.person_id].append((row.level.rank or 0, str(row.level)))
    return found


def _notices(people: Sequence[User], now: datetime) -> dict[int, list[str]]:
    """What each is told, and that the line manager is told as well."""
    rows = list(Notice.objects.filter(person__in=[person.pk for person in people], created_at=now).order_by("pk"))
    found: dict[int, list[str]] = defaultdict(list)
    for row, read in zip(rows, read_notices(rows, get_language() or "zh-hans"), strict=True):
        found[row.person_id].append(_("Gets the notice “%(title)s”") % {"title": read.title})
    pages = {reverse("certificates:team_person", args=[person.pk]): person.pk for person in people}
    told = (
        Notice.objects.filter(kind=TAKEN, path__in=pages, created_at=now)
        .order_by("path")
        .values_list("path", flat=True)
    )
    for path in told.distinct():
        found[pages[path]].append(_("The line manager is notified, without the reason"))
    return found


def warnings_of(plan: DecisionPlan, people: Sequence[User], today: date) -> dict[int, tuple[str, ...]]:
    """What is said in red: that a level is given to whom it was taken from."""
    given = plan.track if plan.act in GIVING else plan.lower if plan.act == LOWER else None
    if given is None:
        return {}
    found: dict[int, tuple[str, ...]] = {}
    for key, case in cases_of(people, given, today).items():
        ending = ending_of(case.newest) if case.newest else None
        if ending is not None and case.was_revoked:
            found[key] = (
                _("Revoked on %(day)s: %(reason)s") % {"day": day_of(ending.effective_on), "reason": ending.reason},
            )
    return found


def _compared(
    person: User, before: _State, after: _State, notices: Sequence[str], warnings: Sequence[str]
) -> PersonEffects:
    return PersonEffects(
        person,
        levels=tuple(_levels(before, after)),
        documents=tuple(_documents(before, after)),
        posts=tuple(_posts(before, after)),
        requirements=tuple(_requirements(before, after)),
        notices=tuple(notices),
        warnings=tuple(warnings),
        uncovered=after.cover == Cover.WITHOUT and before.cover != Cover.WITHOUT,
    )


def _levels(before: _State, after: _State) -> list[str]:
    found = []
    for track in dict.fromkeys([*before.held, *after.held]):
        old, new = before.held.get(track), after.held.get(track)
        if old == new:
            continue
        if new is None and old is not None:
            found.append(_("%(level)s: no longer held") % {"level": old[0]})
        elif old is None and new is not None:
            found.append(_("%(level)s: held through %(day)s") % {"level": new[0], "day": day_of(new[1])})
        elif old is not None and new is not None:
            found.append(
                _("%(level)s: held through %(new)s instead of %(old)s")
                % {"level": new[0], "new": day_of(new[1]), "old": day_of(old[1])}
            )
    return found


def _documents(before: _State, after: _State) -> list[str]:
    found = []
    for certification, (serial, named) in before.documents.items():
        now_serial, now_named = after.documents[certification]
        if now_serial == serial:
            continue
        found.append(_("Certificate %(serial)s is replaced by a new one") % {"serial": serial})
        found.append(
            _("It names %(new)s instead of %(old)s") % {"new": now_named, "old": named}
            if now_named != named
            else _("Name and staff number stay as they are on it: %(named)s") % {"named": named}
        )
    if after.documents.keys() - before.documents.keys():
        found.append(_("A new certificate is issued"))
    return found


def _posts(before: _State, after: _State) -> list[str]:
    found = []
    if before.cover != after.cover and after.cover is not None:
        found.append(
            _("What the post asks: %(after)s (before: %(before)s)")
            % {"after": after.cover.label, "before": before.cover.label if before.cover else "–"}
        )
    found += [
        _("%(level)s for the post %(post)s: due on %(new)s instead of %(old)s")
        % {"level": level, "post": post, "new": day_of(day), "old": day_of(before.due[level, post])}
        for (level, post), day in after.due.items()
        if before.due.get((level, post), day) != day
    ]
    found += [
        _("Appointed as %(level)s without holding it") % {"level": level}
        for level in after.above
        if level not in before.above
    ]
    return found


def _requirements(before: _State, after: _State) -> list[str]:
    met = [words for words in before.missing if words not in after.missing]
    again = [words for words in after.missing if words not in before.missing]
    found = [_("No longer missing: %(what)s") % {"what": words} for words in met]
    found += [_("Missing again: %(what)s") % {"what": words} for words in again]
    if after.missing and (met or again):
        found.append(_("Still missing: %(what)s") % {"what": pgettext("between reasons", "; ").join(after.missing)})
    return found
