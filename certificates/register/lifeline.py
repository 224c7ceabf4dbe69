"""What stands on the time axis of a person's certification: posts, leave, each level with its window and grace, evidence.

As of a day: what lies after it is left out, and the levels end where they ended for whoever looked then.
"""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from academy.calendar.clock import local_day
from academy.models import Employment, Leave, Posting, User
from academy.staff.leaves import leaves_of
from certificates.deciding.words import decisions_about
from certificates.models import Certification, CertificationEnding, OutsideDocument, Recommendation, Requirement
from certificates.register.counting import Counting, counting_of
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
    "refused": lambda: pgettext("picture", "Does not count"),
    "expired": lambda: pgettext("picture", "No longer counts"),
    "decision": lambda: pgettext("picture", "Decision"),
    "ended": lambda: pgettext("certification", "Ended"),
}


def lifeline_of(person: User, on: date) -> list[Lane]:
    """The lanes of the picture as of a day, some of them empty. A constant number of queries."""
    leaves = Leave.objects.current().filter(person=person, effective_from__lte=on)
    away = tuple(
        Item((Span("leave", leave.effective_from, leave.effective_until),), leave.get_kind_display(), frames=False)
        for leave in leaves
    )
    levels, counting = _levels(person, on), counting_of(person, on)
    return [
        Lane(_("Posts"), _posts(person, on)),
        Lane(pgettext("picture", "Leave"), away),
        *(Lane(label, tuple(items)) for label, items in levels),
        Lane(_("Courses and hours"), _learned(person, on, counting)),
        Lane(pgettext("picture", "Exams"), _papers(person, on, counting)),
        Lane(_("Observed practice"), _observations(person, on, counting)),
        Lane(_("Outside documents"), _documents(person, on, counting)),
        Lane(_("Recommendations"), _recommendations(person, on, counting)),
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


def _posts(person: User, on: date) -> tuple[Item, ...]:
    rows = Posting.objects.current().filter(person=person, effective_from__lte=on).select_related("position", "branch")
    return tuple(
        Item(
            (Span("post", row.effective_from, row.effective_until),),
            f"{row.position} · {row.branch.local_name}",
            frames=False,
        )
        for row in rows.order_by("effective_from", "pk")
    )


def _levels(person: User, on: date) -> list[tuple[str, list[Item]]]:
    """By level: its certifications with window and grace, and what was decided about it."""
    # An extension that was decided later moved nothing yet.
    decided_by = timezone.make_aware(datetime.combine(on + DAY, time()))
    rows = list(
        Certification.objects.filter(person=person, valid_from__lte=on)
        .with_extension(decided_by)
        .select_related("track__level", "ending")
        .prefetch_related("certificates")
    )
    leaves = leaves_of([person.pk]).get(person.pk, [])
    jobs = list(Employment.objects.current().filter(person=person))
    items: dict[tuple[tuple[bool, int, str], str], list[Item]] = defaultdict(list)
    for row in rows:
        later = [other.valid_from for other in rows if other.track_id == row.track_id and other.cycle > row.cycle]
        lane = items[row.track.level.sort_key, str(row.track.level)]
        ending = getattr(row, "ending", None)
        ending = ending if ending is not None and ending.effective_on <= on else None
        lane += _certification(row, ending, span_from(row, ending, [], jobs, on, leaves), later)
    for decision, words, _undoable in decisions_about(person):
        if local_day(decision.recorded_at) > on:
            continue
        level = decision.track.level
        url = reverse("proposals:decide", args=[decision.proposal_id]) if decision.proposal_id else ""
        day = local_day(decision.recorded_at)
        items[level.sort_key, str(level)].append(_mark("decision", day, words, url))
    return [(label, found) for (_place, label), found in sorted(items.items())]


def _certification(
    certification: Certification, ending: CertificationEnding | None, span: Any, later: list[date]
) -> list[Item]:
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
    ended = [_mark("ended", ending.effective_on, ending.get_kind_display(), url)] if ending else []
    kept = tuple(part for part in spans if part.last and part.first <= part.last)
    return [*([Item(kept, words, url)] if kept else []), *ended]


def _learned(person: User, on: date, counting: Counting) -> tuple[Item, ...]:
    """Courses that some level asks for, classes taught, and the hours of each year."""
    evidence = evidence_for([person], on)[person.pk]
    asked = Requirement.objects.filter(course__in=[*evidence.courses, *evidence.taught]).values("course")
    names = {course.pk: str(course) for course in Course.objects.filter(pk__in=asked)}
    record = f"{reverse('wagtailusers_users:inspect', args=[person.pk])}#learning"
    marks = [
        _mark(counting.of("course", day, course=pk), day, names[pk], record)
        for pk, days in evidence.courses.items()
        if pk in names
        for day in days
    ]
    marks += [
        _mark(
            counting.of("course_taught", day, course=pk),
            day,
            _("Taught: %(course)s") % {"course": names.get(pk, "–")},
            record,
        )
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


def _papers(person: User, on: date, counting: Counting) -> tuple[Item, ...]:
    """Every paper of what some level asks for, passed or not; of those that were passed and taken away, that they were."""
    asked = Requirement.objects.exclude(quiz=None).values("quiz")
    papers = Attempt.objects.filter(learner=person, quiz__in=asked, state="finished", released_at__isnull=False)
    found = []
    for paper in papers.select_related("quiz").order_by("finished_at"):
        if paper.finished_at is None or paper.mark is None or paper.max_mark is None:
            continue
        day, void = local_day(paper.finished_at), _was(paper.annulled_at, on)
        if day > on or (void and not paper.passed):
            continue
        score = percent(paper.mark, paper.max_mark, paper.pass_mark)
        words = _("%(quiz)s: %(score)s") % {"quiz": paper.quiz, "score": f"{score:f}"}
        kind = counting.of("quiz", day, quiz=paper.quiz_id, void=void) if paper.passed else "failed"
        found.append(_mark(kind, day, words, reverse("quiz_paper", args=[paper.uuid])))
    return tuple(found)


def _was(moment: datetime | None, on: date) -> bool:
    """Whether something had been done by the end of a day."""
    return moment is not None and local_day(moment) <= on


def _observations(person: User, on: date, counting: Counting) -> tuple[Item, ...]:
    rows = Observation.objects.filter(Q(state="scored") | Q(state="no_show"), person=person)
    found = []
    for row in rows.select_related("practice").order_by("asked_at"):
        day = row.observed_on or local_day(row.starts_at or row.asked_at)
        void = _was(row.annulled_at, on)
        if day > on or (void and not row.passed):
            continue
        words = f"{row.practice.local_name} · {row.get_state_display()}"
        if row.score is not None:
            words = _("%(quiz)s: %(score)s") % {"quiz": row.practice.local_name, "score": f"{row.score.normalize():f}"}
        url = reverse("observations:observation", args=[row.pk])
        kind = counting.of("observation", day, practice=row.practice_id, void=void) if row.passed else "failed"
        found.append(_mark(kind, day, words, url))
    return tuple(found)


def _documents(person: User, on: date, counting: Counting) -> tuple[Item, ...]:
    rows = OutsideDocument.objects.filter(person=person, state=OutsideDocument.State.ACCEPTED, issued_on__lte=on)
    found = []
    for row in rows.select_related("kind").order_by("issued_on", "pk"):
        words, url = row.kind.local_name, reverse("outside_documents:document", args=[row.pk])
        kind = counting.of("outside_document", row.issued_on, document=row.kind_id)
        if row.valid_through is None:
            found.append(_mark(kind, row.issued_on, words, url))
        else:
            kind = "expired" if kind == "evidence" and row.valid_through < on else kind
            found.append(Item((Span(kind, row.issued_on, row.valid_through),), words, url))
    return tuple(found)


def _recommendations(person: User, on: date, counting: Counting) -> tuple[Item, ...]:
    rows = Recommendation.objects.filter(person=person, withdrawn_at=None, made_on__lte=on)
    return tuple(
        _mark(
            counting.of("recommendation", row.made_on, track=row.track_id),
            row.made_on,
            f"{row.track.level.code} · {row.made_by}",
        )
        for row in rows.select_related("track__level", "made_by").order_by("made_on")
    )
