"""The team page: a list that is worked through, a page for each person, and what is done about one, several or all."""

from dataclasses import replace

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from academy.calendar.clock import local_day
from academy.duties.ahead import notices_ahead
from academy.errors.refusals import BESIDE, RuleViolation
from academy.models import Role, User
from academy.requests.asked import whole_number
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role
from certificates.models import CertificationTrack
from certificates.rounds.showing import rounds_to_apply_for
from certificates.rules.ladder_exams import known_closer
from certificates.team.deciding import DECISIONS, UNDOING, Decision
from certificates.team.home import needs_of
from certificates.team.lately import ended_lately
from certificates.team.members import Member, Team, members_of, team_on, with_hours
from certificates.team.nudging import PRESSING, default_words, is_reminded, last_reminders, left_out, nudge
from certificates.team.order import asked_of, counts_of, in_order, orders_of
from certificates.team.words import WORDS_LIMIT, in_team
from courses.job_aids.reading import guides_to
from courses.models import Enrolment, JobAid
from courses.pages.trying import tried_context
from courses.programmes.stands import programmes_of
from courses.progress.trying import tried_in_team
from quizzes.engaged import to_come
from quizzes.models import ObservedPractice

# What became of a reminder to one person is said at its form, at the end of the person's page.
BESIDE_REMINDING = f"{BESIDE} remind"


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: SignedInRequest) -> HttpResponse:
    """Who of the own people lacks what, by when; a deputy sees the same while standing in. A reminder is sent to the page
    as it is filtered, so that it comes back so; one that is refused keeps its words and ticks."""
    if request.method == "POST":
        try:
            return _remind(request, back=request.get_full_path())
        except RuleViolation as refusal:
            messages.error(request, str(refusal.message))
    now = timezone.now()
    words = request.POST.get("words", default_words())
    found = _team_or_404(request)
    asked = asked_of(request.GET.get("show", ""), request.GET.get("q", ""), request.GET.get("sort", ""))
    everybody = with_hours(found.members, local_day(now))
    searched, orders = in_order(everybody, replace(asked, show="")), orders_of(everybody)
    members = in_order(searched, asked)
    return render(
        request,
        "certificates/team/team.html",
        {
            "team": found,
            # What waits for the manager waits whatever the list below is searched for.
            "needs": needs_of(list(found.members), local_day(now)),
            "members": members,
            "asked": asked,
            "headings": asked.headings(orders),
            "orders": orders,
            "today": local_day(now),
            # The lights count what the search finds: pressed, one shows as many.
            "counts": counts_of(searched),
            "all": len(searched),
            "tried": tried_in_team(request.user, now).filter(seen_at=None).count(),
            # Who is on leave stands in the list and is not ticked.
            "selectable": sum(not member.on_leave for member in members),
            "away": sum(member.on_leave for member in members),
            "overdue": sum(member.late for member in found.members),
            "words": words,
            "own_words": words != default_words(),
            "words_limit": WORDS_LIMIT,
            "picked": {whole_number(typed) for typed in request.POST.getlist("person")},
        },
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    """One of the own people: what is to be done, what is missing to the next level, and what may be done about it. A
    reminder is sent to the page, which keeps the words of one that is refused."""
    if request.method == "POST":
        try:
            return _remind(request, back=f"{request.path}#remind", tags=BESIDE_REMINDING)
        except RuleViolation as refusal:
            messages.error(request, str(refusal.message), extra_tags=BESIDE_REMINDING)
    now = timezone.now()
    member = _member_or_404(request, pk)
    member = replace(member, steps=tuple(known_closer(list(member.steps), member.person, now)))
    # The words that stand in the field speak of what presses: where nothing does, the manager writes the own ones.
    proposed = default_words() if any(state in PRESSING for _duty, state in member.duties) else ""
    words = request.POST.get("words", proposed)
    context = {"member": member, "today": local_day(now), "words": words, "words_limit": WORDS_LIMIT}
    context["own_words"] = words != proposed
    context["reminded"] = is_reminded(member.person, by=request.user, today=local_day(now))
    context["now"] = now
    context["coming"] = to_come(member.person, now)
    context["lately"] = ended_lately(member.person, now)
    context["limit_months"] = settings.LEAVE_LIMIT_MONTHS
    context["needs"] = needs_of([member], local_day(now))
    context["reminders"] = last_reminders(member.person)
    context["programme"] = bool(programmes_of([pk], local_day(now)))
    context["rounds"] = rounds_to_apply_for(member.person, request.user, now)
    context["guides"] = _guides_beside(member)
    context |= tried_context(request, now=now, person=pk)
    return render(request, "certificates/team/person.html", context)


def _guides_beside(member: Member) -> list[JobAid]:
    """To the courses that the person has begun or is asked to take. Two queries; one without a course."""
    begun = Enrolment.objects.filter(learner=member.person, completed_at=None).values_list("course", flat=True)
    asked = {duty.facts["target"] for duty, _state in member.duties if duty.kind == "course"}
    return [guide for guides in guides_to({*begun, *asked}).values() for guide in guides]


def _remind(request: SignedInRequest, *, back: str, tags: str = "") -> HttpResponse:
    """``act`` is ``nudge:picked`` or ``nudge:late``: one, several or all who are overdue, these once it is confirmed. Raises
    ``RuleViolation``."""
    kind, _colon, whom = request.POST.get("act", "").partition(":")
    if kind != "nudge":
        raise Http404
    people = _picked(request, whom)
    if whom == "late" and people and request.POST.get("sure") != "1":
        return _before_reminding(request, people, back)
    told = nudge(manager=request.user, people=people, words=request.POST.get("words", ""), now=timezone.now())
    for level, sentence in told.sentences:
        messages.add_message(request, level, sentence, extra_tags=tags)
    return redirect(back)


def _before_reminding(request: SignedInRequest, people: list[User], back: str) -> HttpResponse:
    """How many are reminded and with what, before anything is sent. Raises ``RuleViolation`` as the reminder does."""
    now, words = timezone.now(), request.POST.get("words", "")
    known = {person.pk: person for person in people}

    def remind(some: list[int]) -> list[int]:
        nudge(manager=request.user, people=[known[pk] for pk in some], words=words, now=now)
        return []

    away, already, idle = left_out(manager=request.user, people=list(known), words=words, today=local_day(now))
    context = {
        "notices": notices_ahead(keys=list(known), step=remind, now=now),
        "chosen": len(people),
        "back": back,
        "words": words,
        "in_peace": [person for person in people if person.pk in away | already],
        "idle": [person for person in people if person.pk in idle],
    }
    return render(request, "certificates/team/remind.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: SignedInRequest, pk: int, act: str, code: str) -> HttpResponse:
    """Asks for the words and says who reads them, then does it: a recommendation, a request, the taking back of either.
    A refusal keeps the words; where there is nothing to decide, the person's page says so, which shows how it stands."""
    decision, member, about = _asked_of(DECISIONS, request, pk, act, code)
    now = timezone.now()
    try:
        if request.method == "POST":
            return _carried_out(request, decision, member, about)
        decision.refuse(member, about, local_day(now))
    except RuleViolation as refusal:
        messages.error(request, str(refusal.message))
        if request.method != "POST":
            return redirect("certificates:team_person", pk=member.pk)
    readers = decision.readers(member, about, local_day(now))
    context = {"decision": decision, "person": member, "readers": readers, "words_limit": WORDS_LIMIT}
    context["words"] = request.POST.get("words", "")
    context["what"] = decision.said_of("%(what)s", member, about)
    context["text"] = decision.said_of(decision.text, member, about)
    return render(request, "certificates/team/decide.html", context)


@login_required
@require_POST
def undo(request: SignedInRequest, pk: int, act: str, code: str) -> HttpResponse:
    """What was done today is undone with one press."""
    return _carried_out(request, *_asked_of(UNDOING, request, pk, act, code))


def _carried_out(
    request: SignedInRequest, decision: Decision, user: User, about: CertificationTrack | ObservedPractice
) -> HttpResponse:
    words = request.POST.get("words", "")
    decision.act(manager=request.user, person=user, about=about, words=words, now=timezone.now())
    messages.success(request, decision.said_of(decision.done, user, about))
    return redirect("certificates:team_person", pk=user.pk)


def _asked_of(
    known: dict[str, Decision], request: SignedInRequest, pk: int, act: str, code: str
) -> tuple[Decision, User, CertificationTrack | ObservedPractice]:
    if act not in known:
        raise Http404
    member = _members(request, [str(pk)])[0]
    decision = known[act]
    if decision.about is ObservedPractice:
        return decision, member, get_object_or_404(ObservedPractice, code=code, active=True)
    return decision, member, get_object_or_404(CertificationTrack, code=code, active=True)


def _team_or_404(request: SignedInRequest) -> Team:
    found = team_on(manager=request.user, now=timezone.now())
    if not found.members and not has_role(request.user, local_day(timezone.now()), Role.LINE_MANAGER):
        raise Http404
    return found


def _member_or_404(request: SignedInRequest, pk: int) -> Member:
    today = local_day(timezone.now())
    return with_hours(members_of(_members(request, [str(pk)]), today), today)[0]


def _picked(request: SignedInRequest, whom: str) -> list[User]:
    if whom == "late":
        return [member.person for member in _team_or_404(request).members if member.late]
    if whom != "picked":
        raise Http404
    return _members(request, request.POST.getlist("person"))


def _members(request: SignedInRequest, numbers: list[str]) -> list[User]:
    """People by their keys, each of the own team; anything else is a 404."""
    if any(whole_number(number) is None for number in numbers):
        raise Http404
    try:
        return in_team(manager=request.user, picked=[int(number) for number in numbers], now=timezone.now())
    except LookupError:
        raise Http404 from None
