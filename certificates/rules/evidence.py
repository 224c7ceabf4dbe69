"""The edge between the database and the standing: facts of many people in a constant number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import CharField, DateField, Exists, F, OuterRef, Value, prefetch_related_objects
from django.db.models.functions import Cast, Coalesce, Concat, TruncDate
from django.db.models.query import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.bilingual import listed
from academy.calendar.clock import local_day
from academy.models import Posting, User
from academy.requests.kept.answers import shared
from academy.requests.prepared import BoundQuery, PreparedQuery
from academy.requests.together import asked_together
from academy.staff.employments import EMPLOYED, jobs_of
from academy.staff.leaves import AWAY, leaves_of
from certificates.models import (
    Certification,
    CertificationTrack,
    Decision,
    ExamOpening,
    OutsideDocument,
    Recommendation,
    Requirement,
    RuleVersion,
)
from certificates.models.certifications import CERTIFICATIONS
from certificates.rules.acting import where_to_act
from certificates.rules.decided import ACCEPT, REFUSE, WAIVE, Decided
from certificates.rules.known import Banned, Evidence, Held, Post
from certificates.rules.standing import Asked
from certificates.validity import Span, last_day_of
from courses.models import ClassSession, Enrolment, HourEntry
from quizzes.grading.grades import graded_facts
from quizzes.models import Attempt, Ban, DialogueEnding, Observation, Quiz


def rules_on(tracks: Iterable[CertificationTrack], on: date) -> dict[int, RuleVersion]:
    """The version of the requirements in force on a day, by track. As many queries as ``histories_on``."""
    return {pk: versions[-1] for pk, versions in histories_on(tracks, on).items()}


def histories_on(tracks: Iterable[CertificationTrack], on: date) -> dict[int, list[RuleVersion]]:
    """By track the version in force on a day, last, and before it those by which somebody may still finish then. Seven
    queries."""
    keys = sorted(track.pk for track in tracks)
    return shared(f"rules-{on}-{'-'.join(map(str, keys))}", lambda: histories_of(keys, on))


def histories_of(tracks: Iterable[int], on: date) -> dict[int, list[RuleVersion]]:
    """The same, read anew."""
    begun: dict[int, list[RuleVersion]] = defaultdict(list)
    versions = RuleVersion.objects.filter(track__in=tracks, effective_from__lte=on).select_related("track__level")
    for version in versions.order_by("effective_from", "number"):
        begun[version.track_id].append(version)
    found = {track: history[_first_that_counts(history, on) :] for track, history in begun.items()}
    versions_read([version for history in found.values() for version in history])
    return found


def versions_read(versions: list[RuleVersion]) -> list[RuleVersion]:
    """The versions with all that their requirements name. Seven queries at most."""
    prefetch_related_objects(
        versions,
        "requirements__positions",
        "requirements__only_positions",
        "requirements__practices",
        "requirements__course",
        "requirements__quiz",
        "requirements__level",
    )
    # Few tracks ask for documents: who asks for none pays no query.
    asked = (requirement for version in versions for requirement in version.requirements.all())
    if of_documents := [requirement for requirement in asked if _asks_for_documents(requirement)]:
        prefetch_related_objects(of_documents, "documents")
    return versions


def _first_that_counts(history: list[RuleVersion], on: date) -> int:
    """The place of the oldest version by which somebody may still finish: the one before an open transition. Pure."""
    for place, version in enumerate(history[1:]):
        if version.transition_until is not None and on <= version.transition_until:
            return place
    return len(history) - 1


def _asks_for_documents(requirement: Requirement) -> bool:
    return requirement.kind == Requirement.Kind.OUTSIDE_DOCUMENT


def asked_by(version: RuleVersion, purpose: str) -> tuple[Asked, ...]:
    """The requirements of a first award or a renewal, as the pure rule takes them."""
    return tuple(
        Asked(
            pk=requirement.pk,
            kind=requirement.kind,
            label=requirement_label(requirement),
            phase=requirement.phase,
            group=requirement.group,
            group_needs=requirement.group_needs,
            course=requirement.course_id,
            quiz=requirement.quiz_id,
            score=requirement.score,
            rank=requirement.level.rank if requirement.level else None,
            level=requirement.level_id,
            positions=tuple(position.code for position in requirement.positions.all()),
            practices=tuple(practice.pk for practice in requirement.practices.all()),
            documents=tuple(kind.pk for kind in requirement.documents.all())
            if _asks_for_documents(requirement)
            else (),
            amount=requirement.amount or 0,
            lasts=requirement.lasts,
            lasts_months=requirement.lasts_months or 0,
            url=where_to_act(requirement),
            line=version.track.level.line,
            track=version.track_id,
            mark=requirement.mark,
            opens_after=requirement.opening_marks,
            only_positions=tuple(position.code for position in requirement.only_positions.all()),
            only_for=only_for(requirement),
        )
        for requirement in version.requirements.all()
        if requirement.active and requirement.purpose in (purpose, "both")
    )


def _passed_by_a_void_mark(enrolment: Any, learner: Any) -> QuerySet[Attempt]:
    """Passed papers of one time through a course that were taken away, with none beside them that counts."""
    occasion = Concat(Value("enrolment:"), Cast(enrolment, CharField()))
    counting = Attempt.objects.counting().filter(
        learner=OuterRef("learner"), quiz=OuterRef("quiz"), occasion=OuterRef("occasion"), passed=True
    )
    void = Attempt.objects.filter(learner=learner, occasion=occasion, passed=True, annulled_at__isnull=False)
    return void.exclude(Exists(counting))


def only_for(requirement: Requirement) -> str:
    """Of which positions only it is asked, in words; '' where it is asked of everybody."""
    return listed(requirement.only_positions.all())


def requirement_label(requirement: Requirement) -> str:
    """What is asked, in words."""
    kinds = Requirement.Kind
    amount = requirement.amount or 0
    if requirement.local_name:
        return requirement.local_name
    if requirement.kind == kinds.COURSE:
        return str(requirement.course)
    if requirement.kind == kinds.QUIZ:
        return str(requirement.quiz) if requirement.score is None else f"{requirement.quiz} ≥ {requirement.score:f}"
    if requirement.kind == kinds.DIALOGUE:
        return _("Win the client over: %(dialogue)s") % {"dialogue": requirement.quiz}
    if requirement.kind == kinds.LEVEL_HELD:
        level = requirement.level.code if requirement.level else ""
        if not amount:
            return _("Hold %(level)s") % {"level": level}
        return _("Hold %(level)s for %(months)s months") % {"level": level, "months": amount}
    if requirement.kind == kinds.POSTED:
        return _("Posted as %(names)s") % {
            "names": " / ".join(str(position) for position in requirement.positions.all())
        }
    if requirement.kind == kinds.MONTHS_IN_POST:
        return ngettext("%(months)s month in post", "%(months)s months in post", amount) % {"months": amount}
    if requirement.kind == kinds.YEARS_IN_FINANCE:
        return ngettext("%(years)s year in finance", "%(years)s years in finance", amount) % {"years": amount}
    if requirement.kind == kinds.OBSERVATION and (practices := list(requirement.practices.all())):
        names = " / ".join(practice.local_name for practice in practices)
        return names if amount < 2 else f"{names} × {amount}"
    if requirement.kind == kinds.OUTSIDE_DOCUMENT and (documents := list(requirement.documents.all())):
        names = " / ".join(document.local_name for document in documents)
        return names if amount < 2 else f"{names} × {amount}"
    if requirement.kind == kinds.COURSE_TAUGHT:
        what = _("Teach %(course)s") % {"course": requirement.course} if requirement.course else _("Teach a course")
        return what if amount < 2 else f"{what} × {amount}"
    if requirement.kind == kinds.HOURS:
        return ngettext("%(hours)s training hour", "%(hours)s training hours", amount) % {"hours": amount}
    return str(requirement.get_kind_display())


def _completed(people: Collection[int], on: date) -> QuerySet[Enrolment, tuple[int, int, date | None]]:
    completed = Enrolment.objects.filter(learner__in=people, completed_on__isnull=False, completed_on__lte=on)
    completed = completed.exclude(Exists(_passed_by_a_void_mark(OuterRef("pk"), OuterRef("learner"))))
    return completed.values_list("learner", "course", "completed_on")


def _sat(people: Collection[int]) -> QuerySet[Attempt]:
    """Practice never counts for a gate; papers that are marked, withheld or void do not count yet, or no more."""
    attempts = Attempt.objects.counting().filter(learner__in=people).exclude(quiz__kind=Quiz.Kind.PRACTICE)
    return attempts.select_related("quiz").only(
        "learner",
        "quiz__counts",
        "occasion",
        "number",
        "state",
        "finished_at",
        "released_at",
        "annulled_at",
        "mark",
        "max_mark",
        "pass_mark",
    )


def _certifications(people: Collection[int], known: datetime | None = None) -> QuerySet[Certification]:
    found = Certification.objects.filter(person__in=people).known(known).with_extension(known)
    return found.select_related("track__level", "ending")


def _postings(people: Collection[int], known: datetime | None = None) -> QuerySet[Posting]:
    return Posting.objects.known(known).filter(person__in=people).select_related("position")


def _bans(people: Collection[int], known: datetime | None = None) -> QuerySet[Ban]:
    return Ban.objects.known(known).filter(person__in=people)


def _hours(
    people: Collection[int], on: date, known: datetime | None = None
) -> QuerySet[HourEntry, tuple[int, date | None, Decimal]]:
    entries = HourEntry.objects.known(known).filter(person__in=people, effective_until__lte=on)
    return entries.values_list("person", "effective_until", "hours")


COMPLETED, SAT = PreparedQuery(_completed), PreparedQuery(_sat)
POSTINGS, BANS, HOURS = PreparedQuery(_postings), PreparedQuery(_bans), PreparedQuery(_hours)


def _dated(people: Collection[int], on: date) -> QuerySet[Any, tuple[str, int, int, date, date | None]]:
    """What people said and saw, taught, won and handed in, what was decided, and which exams were opened: (kind, person, what
    about, day, last day or None). One query for all kinds.

    A recommendation counts from the day after, so that one made by mistake is undone before anything rests on it.
    """
    decided = Decision.objects.current().filter(person__in=people, act__in=(WAIVE, ACCEPT, REFUSE)).effective(on)
    recommended = Recommendation.objects.filter(person__in=people, withdrawn_at=None, made_on__lt=on)
    observed = Observation.objects.filter(person__in=people, passed=True, annulled_at=None, observed_on__lte=on)
    opened = ExamOpening.objects.filter(person__in=people, opened_on__lte=on)
    of_track = Concat(Value("opened:"), Cast("track", CharField()), output_field=CharField())
    handed_in = OutsideDocument.objects.filter(person__in=people, issued_on__lte=on)
    accepted = handed_in.filter(state=OutsideDocument.State.ACCEPTED)
    checked = handed_in.filter(state=OutsideDocument.State.WAITING)
    # What a colleague taught counts once somebody else has gone through the list of those who came.
    reviewed = ClassSession.objects.filter(reviewed_at__isnull=False).exclude(reviewed_by=F("taught_by"))
    taught = reviewed.annotate(day=TruncDate("ends_at"), about=Coalesce("course", 0))
    never = Cast(Value(None), DateField())
    won = DialogueEnding.objects.filter(
        person__in=people, kind=DialogueEnding.Kind.WON, ended_on__lte=on, attempt__annulled_at=None
    )
    rows: list[QuerySet[Any, Any]] = [
        facts.order_by().values_list(kind, person, about, day, until)
        for kind, facts, person, about, day, until in (
            (_said("recommended"), recommended, "person", "track", "made_on", never),
            (_said("observed"), observed, "person", "practice", "observed_on", never),
            (of_track, opened, "person", "quiz", "opened_on", never),
            (_said("won"), won, "person", "attempt__quiz", "ended_on", never),
            (_said("document"), accepted, "person", "kind", "issued_on", "valid_through"),
            (_said("checked"), checked, "person", "kind", "issued_on", "valid_through"),
            (_said("taught"), taught.filter(taught_by__in=people, day__lte=on), "taught_by", "about", "day", never),
        )
    ]
    # Of a decision the kind says all that is not a key or a day: the act, the cycle, what it is about.
    said = Concat("act", Value("/"), Coalesce(Cast("cycle", CharField()), Value("")), Value("/"), "about")
    found = decided.order_by().annotate(said=said)
    rows.append(found.values_list("said", "person", "track", "effective_from", never))
    return rows[0].union(*rows[1:], all=True).order_by()


def _said(kind: str) -> Value:
    return Value(kind, output_field=CharField())


def _decided(kind: str, track: int, day: date) -> Decided:
    act, cycle, about = kind.split("/", 2)
    return Decided(act, track, about, day, int(cycle) if cycle else None)


DATED = PreparedQuery(_dated)


def posts_of(person: User, on: date) -> list[Post]:
    """The posts that somebody holds on a day. One query."""
    rows = Posting.objects.current().effective(on).filter(person=person).select_related("position")
    return [Post(row.position.code, row.effective_from, row.effective_until) for row in rows]


def asks_of_evidence(people: Collection[int], on: date) -> list[BoundQuery | None]:
    """What ``evidence_for`` asks about people on a day, in the facts known now."""
    return [
        *(query.bound(people=people) for query in (AWAY, SAT, CERTIFICATIONS, POSTINGS, EMPLOYED, BANS)),
        *(query.bound(people=people, on=on) for query in (COMPLETED, HOURS, DATED)),
    ]


def evidence_for(
    people: Iterable[User] | Iterable[int],
    on: date,
    known: datetime | None = None,
    *,
    leaves: dict[int, list[Span]] | None = None,
) -> dict[int, Evidence]:
    """Evidence of many people. Nine queries, however many they are; eight where the ``leaves`` are handed in. One for one
    person as known now, none where ``asks_of_evidence`` was asked."""
    ids = [person if isinstance(person, int) else person.pk for person in people]
    together = asks_of_evidence(ids, on) if known is None and len(ids) == 1 else []
    with asked_together(*together):
        return _evidence(ids, on, known, leaves)


def _evidence(
    ids: Collection[int], on: date, known: datetime | None, leaves: dict[int, list[Span]] | None
) -> dict[int, Evidence]:
    now = known is None
    courses: dict[int, dict[int, list[date]]] = defaultdict(lambda: defaultdict(list))
    for learner, course, day in COMPLETED.rows(people=ids, on=on):
        if day is not None:
            courses[learner][course].append(day)
    quizzes: dict[int, dict[int, list]] = defaultdict(lambda: defaultdict(list))
    sat: dict[tuple[int, int, str], list[Attempt]] = defaultdict(list)
    for attempt in SAT.rows(people=ids):
        sat[(attempt.learner_id, attempt.quiz_id, attempt.occasion)].append(attempt)
    for (learner, quiz, _occasion), mine in sat.items():
        for fact in graded_facts(mine[0].quiz.counts, mine):
            if fact.attempt.finished_at is None:
                continue
            day = local_day(fact.attempt.finished_at)
            quizzes[learner][quiz].append((day, fact.score, fact.passed))
    held: dict[int, list[Held]] = defaultdict(list)
    rows = CERTIFICATIONS.rows(people=ids) if now else _certifications(ids, known)
    away = leaves_of(ids, known) if leaves is None else leaves
    for row in rows:
        # Leave does not break "held N months": the level holds on while its last valid day moves.
        through = last_day_of(row, away.get(row.person_id, ()), on)
        ending = getattr(row, "ending", None)
        if ending is not None:
            through = min(through, ending.effective_on - timedelta(days=1))
        if through >= row.valid_from:
            held[row.person_id].append(Held.of(row, through))
    posts: dict[int, list[Post]] = defaultdict(list)
    for posting in POSTINGS.rows(people=ids) if now else _postings(ids, known):
        posts[posting.person_id].append(Post(posting.position.code, posting.effective_from, posting.effective_until))
    # Since when, days out of it, and the end of the last employment.
    finance: dict[int, tuple[date, int, date | None]] = {}
    for job in jobs_of(ids, known):
        before = finance.get(job.person)
        if before is None:
            start, breaks = job.in_finance_since or job.since, 0
        else:
            start, breaks, until = before
            breaks += max(0, (job.since - until).days - 1) if until is not None else 0
        finance[job.person] = (start, breaks, job.until)
    bans: dict[int, list[Banned]] = defaultdict(list)
    for ban in BANS.rows(people=ids) if now else _bans(ids, known):
        bans[ban.person_id].append(Banned(ban.effective_from, ban.effective_until, ban.line))
    hours: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
    worked = HOURS.rows(people=ids, on=on) if now else _hours(ids, on, known)
    for person, day, amount in worked:
        if day is not None:
            hours[person].append((day, amount))
    dated: dict[tuple[str, int], dict[int, list[date]]] = defaultdict(lambda: defaultdict(list))
    opened: dict[int, dict[tuple[int, int], list[date]]] = defaultdict(lambda: defaultdict(list))
    documents: dict[int, dict[int, list[tuple[date, date | None]]]] = defaultdict(lambda: defaultdict(list))
    decided: dict[int, list[Decided]] = defaultdict(list)
    for kind, person, about, day, until in DATED.rows(people=ids, on=on):
        if kind.startswith("opened:"):
            opened[person][int(kind.removeprefix("opened:")), about].append(day)
        elif kind == "document":
            documents[person][about].append((day, until))
        elif "/" in kind:
            decided[person].append(_decided(kind, about, day))
        else:
            dated[kind, person][about].append(day)
    return {
        pk: Evidence(
            courses={key: tuple(days) for key, days in courses[pk].items()},
            quizzes={key: tuple(values) for key, values in quizzes[pk].items()},
            held=tuple(held[pk]),
            posts=tuple(posts[pk]),
            bans=tuple(bans[pk]),
            recommended={key: tuple(days) for key, days in dated["recommended", pk].items()},
            observed={key: tuple(days) for key, days in dated["observed", pk].items()},
            documents={key: tuple(spans) for key, spans in documents[pk].items()},
            taught={key: tuple(days) for key, days in dated["taught", pk].items()},
            dialogues={key: tuple(days) for key, days in dated["won", pk].items()},
            documents_checked_now=frozenset(dated["checked", pk]),
            finance_since=finance[pk][0] if pk in finance else None,
            finance_breaks=finance[pk][1] if pk in finance else 0,
            hours=tuple(hours[pk]),
            opened={key: tuple(days) for key, days in opened[pk].items()},
            leaves=tuple(away.get(pk, ())),
            decided=tuple(decided.get(pk, ())),
        )
        for pk in ids
    }
