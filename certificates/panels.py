"""This floor's places: the ladder on the learner's home, what a course leads to, one person's certificates for HR."""

from collections.abc import Iterable, Set
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy, pgettext

from academy.calendar.clock import local_day
from academy.doors import NextStep, next_steps
from academy.duties.duty import Duty
from academy.models import Role, User
from academy.models.levels import by_rank
from academy.person_record.retention import left_the_bank
from academy.requests.kept import kept
from academy.requests.kept.answers import put_together_for
from academy.requests.prepared import BoundQuery
from academy.requests.reversing import address_of
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role, people_visible_to
from academy.viewsets.panels import TodoItem, WaitingItem, assigned_by, duties_today, duty_item, open_duties
from certificates.addresses import READERS
from certificates.award.by_paper import AWARDED_BY, ISSUED_BY
from certificates.award.climbing import climbs
from certificates.board.facts import asks_of_board
from certificates.deciding.lapses import lapses_to_decide
from certificates.deciding.proposing import PROPOSERS
from certificates.deciding.ready import a_proposal_waits, stands_ready_for
from certificates.deciding.words import decisions_about, endings_by_one
from certificates.document.issuing import waiting_for_a_font
from certificates.models import AwardCandidate, Certificate, Certification, CertificationTrack, OutsideDocument
from certificates.outside.checking import documents_ending
from certificates.register.rows import RELATED, RegisterQuery, certificates_asked, rows_of_certificates
from certificates.rounds.overview import waiting_rounds
from certificates.rounds.phases import OVER
from certificates.rounds.showing import SHOWN, OwnRound, RungRound, manager_todo, rounds_of, rounds_of_rungs, todo_of
from certificates.rules.evidence import asks_of_evidence
from certificates.rules.ladder import Rung, ladder_of
from certificates.rules.ladder_exams import known_closer
from certificates.rules.ladder_words import LEVEL_KINDS, headline, next_line, progress, wait_for, way_back, why
from quizzes.models import Attempt

# So long what was earned stands first on the home page.
DAYS_ON_HOME = 14


def menu_items(roles: Set[str]) -> list[dict[str, Any]]:
    return [
        *_team(roles, label=_("My team"), order=60),
        {"url": address_of("certificates:mine"), "label": _("Certificates"), "order": 40},
        {"url": address_of("certificates:rounds"), "label": _("Rounds"), "order": 45},
        {"url": address_of("certificates:transcript"), "label": _("Learning record"), "order": 50},
    ]


def phone_items(roles: Set[str]) -> list[dict[str, Any]]:
    return _team(roles, label=pgettext("menu", "Team"), order=25)


def _team(roles: Set[str], *, label: str, order: int) -> list[dict[str, Any]]:
    """For line managers only."""
    if Role.LINE_MANAGER not in roles:
        return []
    # The programme of one of the own people is read on the way of the team.
    also = (f"{address_of('courses:programme')}of/",)
    return [{"url": address_of("certificates:team"), "label": label, "icon": "group", "order": order, "also": also}]


def home_panels(request: SignedInRequest) -> list[dict[str, Any]]:
    steps = _own_ladder(request)
    rounds = _round_panel(request)
    today = local_day(timezone.now())
    if not _is_climbing(request, steps, today):
        return rounds
    return [
        *rounds,
        {
            "column": "side",
            "order": 10,
            "template": "certificates/panels/ladder.html",
            "context": {**_parted(_with_duties(request, steps)), "today": today},
            "lead": headline(steps),
        },
        *_new_certificates(request, steps),
    ]


def _is_climbing(request: SignedInRequest, steps: list[Rung], today: date) -> bool:
    """Asked once a request."""
    duties = duties_today(request)
    return kept(request, "climbs", lambda: climbs(person=request.user, steps=steps, duties=duties, today=today))


def _new_certificates(request: SignedInRequest, steps: list[Rung]) -> list[dict[str, Any]]:
    """What was earned of late stands first on the home page, with the next step. No query where nothing was."""
    since = local_day(timezone.now()) - timedelta(days=DAYS_ON_HOME)
    fresh = [step.certification.pk for step in steps if step.certification and step.certification.awarded_on >= since]
    if not fresh:
        return []
    rows = Certification.objects.filter(pk__in=fresh, ending=None, person=request.user).select_related("track__level")
    standing = Certificate.objects.filter(certification__in=fresh, superseded_by=None)
    context = _awarded(request, list(rows), list(standing))
    return [
        {
            "column": "first",
            "order": 1,
            "template": "certificates/panels/awarded.html",
            "context": {**context, "on_home": True},
        }
    ]


def _own_rounds(request: SignedInRequest) -> list[OwnRound]:
    return kept(request, "rounds", lambda: rounds_of(request.user, local_day(timezone.now())))


def _round_panel(request: SignedInRequest) -> list[dict[str, Any]]:
    """The rounds that go on and concern the person."""
    going_on = [own for own in _own_rounds(request) if own.phase not in OVER]
    if not going_on:
        return []
    template, context = "certificates/panels/rounds.html", {"rounds": going_on}
    return [{"column": "side", "order": 11, "template": template, "context": context}]


def todo_items(request: SignedInRequest) -> list[TodoItem]:
    """Levels to obtain, to renew and to regain, whoever asks for them, with what counts already."""
    steps = {step.track.level.subject: step for step in _own_ladder(request)} if _asked_levels(request) else {}
    levels = [_level_item(duty, steps.get(duty.about)) for duty in _level_duties(request, steps.values())]
    today = local_day(timezone.now())
    return [*levels, *todo_of(_own_rounds(request), today), *manager_todo(request.user, today)]


def _asked_levels(request: SignedInRequest) -> list[Duty]:
    return open_duties(request, *LEVEL_KINDS)


def _level_duties(request: SignedInRequest, steps: Iterable[Rung]) -> list[Duty]:
    """What still asks the person for a level. Where everything is met others decide, and no day presses."""
    waits = {step.track.level.subject for step in steps if step.standing is not None and step.standing.met}
    return [replace(duty, due_on=None) if duty.about in waits else duty for duty in _asked_levels(request)]


def _level_item(duty: Duty, step: Rung | None) -> TodoItem:
    """A duty about a level as a step to take: who asks, since when, what counts already and what is next."""
    item = duty_item(duty)
    words = [item.text, *([why(duty, step), *progress(step)] if step else [])]
    return replace(item, text=" · ".join(word for word in words if word))


def _own_ladder(request: SignedInRequest) -> list[Rung]:
    now = timezone.now()
    return kept(request, "ladder", lambda: known_closer(ladder_of(request.user, local_day(now)), request.user, now))


def asks_of_home(person: int, now: datetime) -> list[BoundQuery[Any] | None]:
    """What ladder, duties and rounds ask about the person of a home page."""
    today = local_day(now)
    return [
        *asks_of_evidence([person], today),
        *asks_of_board(person, today),
        SHOWN.bound(person=person, on=today),
    ]


def result_panels(request: SignedInRequest, attempt: Attempt) -> list[dict[str, Any]]:
    """What passing this paper brought: the certificate itself, who knows of it, and the next step.

    No query where ``asks_of_results`` was asked and it brought nothing.
    """
    key = {"person": request.user.pk, "attempt": attempt.pk}
    context = _awarded(request, AWARDED_BY.rows(**key), ISSUED_BY.rows(**key))
    return [{"template": "certificates/panels/awarded.html", "context": context}] if context["awarded"] else []


def _awarded(request: SignedInRequest, awarded: list[Certification], certificates: list[Certificate]) -> dict[str, Any]:
    """Certifications of the person of the request with their certificates, and what comes next."""
    if not awarded:
        return {"awarded": [], "person": request.user, "level": None, "next": None}
    with put_together_for(request):
        rung = next((step for step in _own_ladder(request) if step.state == "current"), None)
        through = {step.certification.pk: step.through for step in _own_ladder(request) if step.certification}
    documents = {certificate.certification_id: certificate for certificate in certificates}
    return {
        "awarded": [(row, documents.get(row.pk), through.get(row.pk) or row.valid_through) for row in awarded],
        "person": request.user,
        "level": rung.track.level if rung else None,
        "on_ladder": any(row.track.level.on_ladder for row in awarded),
        "next": next_line(rung) if rung else None,
    }


@next_steps.register
def step_of_ladder(request: SignedInRequest) -> list[NextStep]:
    """What the level that the person works for asks next, where it has a page, or is an exam that waits to be sat again; then
    whatever else it asks that has a page. No query beside the ladder's."""
    steps, today = _own_ladder(request), local_day(timezone.now())
    rung = next((step for step in steps if step.state == "current"), None)
    line = next_line(rung) if rung else None
    # Of whom no level is asked, and who sees no ladder, nothing of it is asked either.
    if not _is_climbing(request, steps, today):
        return []
    if rung is None or line is None or line.opens_after or not (line.asked.url or wait_for(line)):
        return []
    missing = rung.standing.missing if rung.standing is not None else []
    others = [
        other for other in missing if other is not line and other.asked.url and not (other.opens_after or other.used_up)
    ]
    return [
        NextStep(
            str(following.asked.label),
            following.asked.url,
            str(rung.track.level),
            wait=wait_for(following),
            is_exam=following.asked.exam is not None,
            under_way=following.asked.exam in rung.written,
        )
        for following in (line, *others)
    ]


type ShownRung = tuple[Rung, Duty | None, str, str, RungRound | None]


def _parted(steps: list[ShownRung]) -> dict[str, list[ShownRung]]:
    """The rungs of the ladder, and what stands outside it."""
    return {
        "steps": [shown for shown in steps if shown[0].track.level.on_ladder],
        "outside": [shown for shown in steps if not shown[0].track.level.on_ladder],
    }


def _with_duties(request: SignedInRequest, steps: list[Rung]) -> list[ShownRung]:
    """Each rung with the duty about it, who gave it, the way back where it lapsed, and the round it is awarded in."""
    rounds = rounds_of_rungs(request.user, steps, _own_rounds(request), local_day(timezone.now()))
    asked = {duty.about: duty for duty in _level_duties(request, steps)}
    found = [(step, asked.get(step.track.level.subject)) for step in steps]
    return [
        (
            step,
            duty,
            assigned_by(duty) if duty else "",
            way_back(step) if step.lapsed else "",
            rounds.get(step.track.pk),
        )
        for step, duty in found
    ]


def course_panels(request: SignedInRequest, course) -> list[dict[str, Any]]:
    tracks = CertificationTrack.objects.filter(active=True, rule_versions__requirements__course=course).distinct()
    return [{"template": "certificates/panels/leads_to.html", "context": {"tracks": tracks.select_related("level")}}]


def person_panels(request: SignedInRequest, person: User) -> list[dict[str, Any]]:
    now = timezone.now()
    question = RegisterQuery(as_of=local_day(now), known_as_of=now)
    certificates = Certificate.objects.filter(person=person).select_related(*RELATED)
    # Who left goes for nothing any more.
    over = person.is_erased or left_the_bank(person, question.as_of)
    return [
        {
            "section": "certification",
            "order": 10,
            "template": "certificates/admin/person_panel.html",
            "context": {
                "rows": rows_of_certificates(question, certificates),
                "in_time": has_role(request.user, question.as_of, *READERS),
                "ready": [] if over else stands_ready_for(person, question.as_of),
                "decides": not person.is_erased and _may_decide_about(request, person),
                "steps": [] if over else known_closer(ladder_of(person, question.as_of), person, now),
            },
        },
        {
            "section": "certification",
            "order": 15,
            "template": "certificates/admin/person_decisions.html",
            "context": {
                "decisions": decisions_about(person),
                "endings": endings_by_one(person),
                "opens": has_role(request.user, question.as_of, *READERS),
                "decides": not person.is_erased and _may_decide_about(request, person),
            },
        },
    ]


def _may_decide_about(request: SignedInRequest, person: User) -> bool:
    today = local_day(timezone.now())
    return people_visible_to(request.user, today, PROPOSERS).exclude(pk=request.user.pk).filter(pk=person.pk).exists()


def waiting_items(request: SignedInRequest) -> list[WaitingItem]:
    today = local_day(timezone.now())
    if not has_role(request.user, today, Role.HR, Role.ADMINISTRATOR):
        return []
    people = people_visible_to(request.user, today)
    register = reverse("register:index")
    soon = RegisterQuery(as_of=today, known_as_of=timezone.now(), expiring_within=settings.EXPIRING_SOON_DAYS)
    # What was proposed already waits for the second person, who has a tile of their own.
    waiting = AwardCandidate.objects.filter(closed_at=None, track__active=True, person__in=people)
    waiting = waiting.exclude(a_proposal_waits("person", "track__code"))
    per_track = (
        waiting.values("track__code", "track__level__code")
        .annotate(count=Count("pk"))
        .order_by(*by_rank("track__level"))
    )
    return [
        *(
            WaitingItem(
                count=row["count"],
                label=ngettext(
                    "is ready for %(level)s and waits for your decision",
                    "are ready for %(level)s and wait for your decision",
                    row["count"],
                )
                % {"level": row["track__level__code"]},
                url=f"{reverse('register:lacking')}?track={row['track__code']}&ready=1",
                order=300,
                urgent=True,
            )
            for row in per_track
        ),
        WaitingItem(
            count=len(waiting_rounds(request.user, timezone.now())),
            label=ngettext_lazy(
                "certification round waits for a step", "certification rounds wait for a step", "count"
            ),
            url=reverse("rounds:index") + "?waiting=1",
            order=303,
            urgent=True,
        ),
        WaitingItem(
            count=lapses_to_decide(people, request.user, today).count(),
            label=ngettext_lazy(
                "level has lapsed and nothing else is held", "levels have lapsed and nothing else is held", "count"
            ),
            url=reverse("decisions:lapses"),
            order=304,
            urgent=False,
        ),
        WaitingItem(
            count=OutsideDocument.objects.filter(state=OutsideDocument.State.WAITING, person__in=people)
            .exclude(person=request.user)
            .exclude(handed_in_by=request.user)
            .count(),
            label=ngettext_lazy(
                "outside document waits to be checked", "outside documents wait to be checked", "count"
            ),
            url=f"{reverse('outside_documents:index')}?state=waiting",
            order=305,
            urgent=True,
        ),
        WaitingItem(
            count=documents_ending(today).filter(person__in=people).count(),
            label=ngettext_lazy(
                "outside document ends within 60 days, and no later one is there",
                "outside documents end within 60 days, and no later one is there",
                "count",
            ),
            url=f"{reverse('outside_documents:index')}?ends=soon",
            order=306,
        ),
        WaitingItem(
            # What the page behind it lists.
            count=certificates_asked(soon, people).count(),
            label=ngettext_lazy(
                "certificate expires soon, whether the post asks for it or not",
                "certificates expire soon, whether the posts ask for them or not",
                "count",
            ),
            url=f"{register}?expiring={settings.EXPIRING_SOON_DAYS}",
            order=310,
            urgent=True,
        ),
        WaitingItem(
            count=waiting_for_a_font().filter(person__in=people).count(),
            label=ngettext_lazy(
                "certificate waits because a character of the name cannot be printed",
                "certificates wait because a character of the name cannot be printed",
                "count",
            ),
            url=reverse("register:blocked"),
            order=320,
            urgent=True,
        ),
    ]
