"""What stands on the time axis of a person's certification: posts, leave, each level with its window and grace, evidence."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from academy.calendar.clock import local_day
from academy.models import Employment, Leave, Posting, User
from academy.staff.leaves import leaves_of
from certificates.deciding.words import decisions_about
from certificates.models import Certification, OutsideDocument, Recommendation, Requirement
from certificates.register.lifeline_picture import Item, Lane, Span
from certificates.rules.evidence import evidence_for
from certificates.rules.spans import span_from
from courses.models import Course
from quizzes.grading.marks import percent
from quizzes.models import Attempt, Observation

DAY = timedelta(days=1)
KINDS_IN_WORDS = {
    "held": lambda: pgettext("picture", "Valid"),
    "window": lambda: _("Renewal window"),
    "grace": lambda: _("In grace"),
    "post": lambda: pgettext("picture", "Post"),
    "leave": lambda: pgettext("picture", "Leave"),
    "evidence": lambda: pgettext("picture", "Evidence"),
    "failed": lambda: pgettext("picture", "Not passed"),
    "decision": lambda: pgettext("picture", "Decision"),
    "ended": lambda: pgettext("certification", "Ended"),
}


def lifeline_of(person: User, today: date) -> list[Lane]:
    """The lanes of the picture, some of them empty. A constant number of queries."""
    leaves = Leave.objects.current().filter(person=person)
    away = tuple(
        Item((Span("leave", leave.effective_from, leave.effective_until),), leave.get_kind_display(), frames=False)
        for leave in leaves
    )
    levels = _levels(person, today)
    return [
        Lane(_("Posts"), _posts(person)),
        Lane(pgettext("picture", "Leave"), away),
        *(Lane(label, tuple(items)) for _rank, label, items in levels),
        Lane(_("Courses and hours"), _learned(person, today)),
        Lane(pgettext("picture", "Exams"), _papers(person)),
        Lane(_("Observed practice"), _observations(person)),
        Lane(_("Outside documents"), _documents(person)),
        Lane(_("Recommendations"), _recommendations(person)),
    ]


def rows_of(lanes: list[Lane]) -> list[dict[str, Any]]:
    """The table that says the same as the picture, lane by lane in the order of days."""
    return [
        {
            "lane": lane.label,
            "kind": span.kind,
            "said": KINDS_IN_WORDS[span.kind](),
            "first": span.first,
            "last": None if item.mark else span.last,
            "mark": item.mark,
            "words": item.words,
            "url": item.url,
        }
        for lane in lanes
        for item in sorted(lane.items, key=lambda item: item.spans[0].first)
        for span in item.spans
    ]


def _mark(kind: str, day: date, words: str, url: str = "") -> Item:
    return Item((Span(kind, day, day),), words, url, mark=True)


def _posts(person: User) -> tuple[Item, ...]:
    rows = Posting.objects.current().filter(person=person).select_related("position", "branch")
    return tuple(
        Item(
            (Span("post", row.effective_from, row.effective_until),),
            f"{row.position} · {row.branch.local_name}",
            frames=False,
        )
        for row in rows.order_by("effective_from", "pk")
    )


def _levels(person: User, today: date) -> list[tuple[int, str, list[Item]]]:
    """By level: its certifications with window and grace, and what was decided about it."""
    rows = list(
        Certification.objects.filter(person=person)
        .with_extension()
        .select_related("track__level", "ending")
        .prefetch_related("certificates")
    )
    leaves = leaves_of([person.pk]).get(person.pk, [])
    jobs = list(Employment.objects.current().filter(person=person))
    items: dict[tuple[int, str], list[Item]] = defaultdict(list)
    for row in rows:
        later = [other.valid_from for other in rows if other.track_id == row.track_id and other.cycle > row.cycle]
        lane = items[row.track.level.rank, str(row.track.level)]
        lane += _certification(row, span_from(row, getattr(row, "ending", None), [], jobs, today, leaves), later)
    for decision, words, _undoable in decisions_about(person):
        level = decision.track.level
        url = reverse("proposals:decide", args=[decision.proposal_id]) if decision.proposal_id else ""
        day = local_day(decision.recorded_at)
        items[level.rank, str(level)].append(_mark("decision", day, words, url))
    return [(rank, label, found) for (rank, label), found in sorted(items.items())]


def _certification(certification: Certification, span: Any, later: list[date]) -> list[Item]:
    """The bar of a certification, its window upon it; an ending and leaving the bank cut it, the next cycle cuts its grace."""
    cuts = [day - DAY for day in (span.ended_on,) if day] + [day for day in (span.last_day_employed,) if day]
    cut = min(cuts, default=date.max)
    through = min(span.valid_through, cut)
    opens = span.renew_from if span.renew_from and certification.valid_from < span.renew_from <= through else None
    spans = [Span("held", certification.valid_from, through)]
    if opens:
        spans.append(Span("window", opens, through, " "))
    grace = min([span.valid_through + timedelta(days=span.grace_days), cut, *(day - DAY for day in later)])
    if grace > through:
        spans.append(Span("grace", through + DAY, grace, " "))
    document = max(certification.certificates.all(), key=lambda found: found.pk, default=None)
    url = reverse("register:certificate", args=[document.pk]) if document else ""
    words = f"{certification.track.level.code} · {certification.get_kind_display()}"
    ending = getattr(certification, "ending", None)
    ended = [_mark("ended", ending.effective_on, ending.get_kind_display(), url)] if ending else []
    kept = tuple(part for part in spans if part.last and part.first <= part.last)
    return [*([Item(kept, words, url)] if kept else []), *ended]


def _learned(person: User, today: date) -> tuple[Item, ...]:
    """Courses that some level asks for, classes taught, and the hours of each year."""
    evidence = evidence_for([person], today)[person.pk]
    asked = Requirement.objects.filter(course__in=[*evidence.courses, *evidence.taught]).values("course")
    names = {course.pk: str(course) for course in Course.objects.filter(pk__in=asked)}
    record = f"{reverse('wagtailusers_users:inspect', args=[person.pk])}#learning"
    marks = [
        _mark("evidence", day, names[pk], record)
        for pk, days in evidence.courses.items()
        if pk in names
        for day in days
    ]
    marks += [
        _mark("evidence", day, _("Taught: %(course)s") % {"course": names.get(pk, "–")}, record)
        for pk, days in evidence.taught.items()
        for day in days
    ]
    years: dict[int, list[tuple[date, Any]]] = defaultdict(list)
    for day, hours in evidence.hours:
        years[day.year].append((day, hours))
    spans = [
        Item(
            (Span("evidence", min(days)[0], max(days)[0]),),
            _("%(year)s: %(hours)s h") % {"year": year, "hours": f"{sum(amount for _day, amount in days):f}"},
            record,
        )
        for year, days in years.items()
    ]
    return (*marks, *spans)


def _papers(person: User) -> tuple[Item, ...]:
    """Every counting paper of what some level asks for, passed or not."""
    asked = Requirement.objects.exclude(quiz=None).values("quiz")
    papers = Attempt.objects.counting().filter(learner=person, quiz__in=asked).select_related("quiz")
    found = []
    for paper in papers.order_by("finished_at"):
        if paper.finished_at is None or paper.mark is None or paper.max_mark is None:
            continue
        score = percent(paper.mark, paper.max_mark, paper.pass_mark)
        words = _("%(quiz)s: %(score)s") % {"quiz": paper.quiz, "score": f"{score:f}"}
        kind = "evidence" if paper.passed else "failed"
        found.append(_mark(kind, local_day(paper.finished_at), words, reverse("quiz_paper", args=[paper.uuid])))
    return tuple(found)


def _observations(person: User) -> tuple[Item, ...]:
    rows = Observation.objects.filter(Q(state="scored") | Q(state="no_show"), person=person, annulled_at=None)
    found = []
    for row in rows.select_related("practice").order_by("asked_at"):
        day = row.observed_on or local_day(row.starts_at or row.asked_at)
        words = f"{row.practice.local_name} · {row.get_state_display()}"
        if row.score is not None:
            words = _("%(quiz)s: %(score)s") % {"quiz": row.practice.local_name, "score": f"{row.score.normalize():f}"}
        url = reverse("observations:observation", args=[row.pk])
        found.append(_mark("evidence" if row.passed else "failed", day, words, url))
    return tuple(found)


def _documents(person: User) -> tuple[Item, ...]:
    rows = OutsideDocument.objects.filter(person=person, state=OutsideDocument.State.ACCEPTED).select_related("kind")
    found = []
    for row in rows.order_by("issued_on", "pk"):
        words, url = row.kind.local_name, reverse("outside_documents:document", args=[row.pk])
        if row.valid_through is None:
            found.append(_mark("evidence", row.issued_on, words, url))
        else:
            found.append(Item((Span("evidence", row.issued_on, row.valid_through),), words, url))
    return tuple(found)


def _recommendations(person: User) -> tuple[Item, ...]:
    rows = Recommendation.objects.filter(person=person, withdrawn_at=None).select_related("track__level", "made_by")
    return tuple(
        _mark("evidence", row.made_on, f"{row.track.level.code} · {row.made_by}") for row in rows.order_by("made_on")
    )
