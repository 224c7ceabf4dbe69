"""What this floor does when something is learned or passed, and why its exams may be sat."""

from datetime import date
from functools import reduce
from operator import or_

from django.db.models import F, Q
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from academy.calendar.clock import each_day, each_minute, local_day
from academy.doors import (
    Consequence,
    Ground,
    HeldDocument,
    Holder,
    LevelHeld,
    PersonWaits,
    PracticeSource,
    Wait,
    asks_of_follow_ups,
    asks_of_grounds,
    asks_of_results,
    bars_to_assessing,
    consequences_of,
    deeds_of,
    documents_held,
    grounds_for,
    holders_of,
    levels_held,
    observations_ahead,
    of_occasions,
    practice_sources,
    takers_of,
    waiting_for_others,
    waits_of,
)
from academy.duties.assignments import register_assignments
from academy.duties.assignments.duties import duties_from
from academy.duties.duty import register_duties
from academy.models import CareerLevel, Employment, Leave, Posting, User
from academy.requests.kept.answers import asks_of_versions, kept_answer, read_versions
from academy.requests.kept.presence import none_of
from academy.requests.kept.watching import BANKS_FIGURES, EVERYBODY, watch
from academy.requests.prepared import PreparedQuery
from certificates.award.all_met import TRACKS, award_all_met, award_met
from certificates.award.by_paper import asks_of_awards
from certificates.award.candidates import (
    decisions_awaited,
    ladder_positions,
    note_all_candidates,
    people_on_the_ladder,
    posts_by_ladder,
)
from certificates.award.facts import LOCKED
from certificates.award.openings import keep_open_as_begun
from certificates.document.issuing import ask_for_rendering
from certificates.impact import pass_marks, waiting  # noqa: F401
from certificates.models import (
    Certification,
    CertificationEnding,
    CertificationRound,
    CertificationTrack,
    Decision,
    ExamOpening,
    OutsideDocument,
    OutsideDocumentKind,
    PositionRequirement,
    Recommendation,
    Requirement,
    RoundApplication,
    RoundObjection,
    RuleVersion,
    TrackAssignment,
)
from certificates.models.assignments import TrackAssignee, TrackExtension
from certificates.outside.checking import tell_of_ends
from certificates.posts.duties import bars_of_posts
from certificates.record.deeds import deeds_of_recommending
from certificates.register import exporting  # noqa: F401
from certificates.register.rows import RegisterQuery, certificates_asked, rows_of_certificates
from certificates.rounds.issuing import close_rounds, issue_decided, take_leavers_out
from certificates.rounds.waited import award_who_waited
from certificates.rules.judging import judge, judge_many
from certificates.rules.repairs import certifications_of_a_repair
from certificates.team.digest import WEEKLY, tell_managers
from certificates.team.observations import observations_ahead_of
from certificates.team.recommending import count_recommendations
from courses.progress.practice import sources_of_courses
from courses.signals import course_completed
from quizzes.hall.results import Annulment
from quizzes.models import Attempt, DialogueEnding, Quiz
from quizzes.signals import attempt_begun, attempt_finished, dialogue_won, observation_settled

each_minute("render what waits, ask", lambda now: ask_for_rendering(now=now))
each_day(WEEKLY, lambda now, today: tell_managers(now=now, today=today))
each_day("what recommendations count", lambda now, today: count_recommendations(now=now))
each_minute("issue what rounds decided", lambda now: issue_decided(now=now))
each_minute("close rounds", lambda now: close_rounds(now=now))
each_day("leavers of rounds", lambda now, today: take_leavers_out(now=now))
each_day("who waited for a round", lambda now, today: award_who_waited(now=now))
each_day("outside documents that end", lambda now, today: tell_of_ends(now=now, today=today))
each_day("who stands ready", lambda now, today: note_all_candidates(now=now, award=award_met))


deeds_of.register(deeds_of_recommending)
waiting_for_others.register(decisions_awaited)
observations_ahead.register(observations_ahead_of)
register_assignments(TrackAssignment)


@register_duties
def track_duties(people, on):
    """Assigned tracks."""
    return duties_from(TrackAssignment, people, on)


@receiver(course_completed)
def award_after_course(sender, enrolment, now, **kwargs):
    award_all_met(person=enrolment.learner, now=now)


@receiver(attempt_begun)
def keep_exam_open(sender, attempt, now, **kwargs):
    """One that is begun stays open in its cycle, whatever a rule asks before it is handed in."""
    if attempt.occasion.startswith("track:"):
        keep_open_as_begun(attempt=attempt, now=now)


@receiver(attempt_finished)
def award_after_exam(sender, attempt, now, **kwargs):
    """Only an exam that a track asks for can be what was missing; a course's quiz comes by its completed course."""
    if attempt.passed and ASKING.rows(quiz=attempt.quiz_id):
        award_all_met(person=attempt.learner, now=now)


@asks_of_follow_ups.register
def asks_of_award_after_exam(attempt, now):
    asks = [ASKING.bound(quiz=attempt.quiz_id)] if attempt.passed else []
    if attempt.passed and attempt.quiz.kind == Quiz.Kind.EXAM:
        asks += [TRACKS.bound(), asks_of_versions(EVERYBODY), LOCKED.bound(pk=attempt.learner_id)]
    return asks


@receiver(observation_settled)
def award_after_observation(sender, observation, now, **kwargs):
    """A passed observation can be what was missing; one that was corrected to failed takes nothing back by itself."""
    if observation.passed and observation.annulled_at is None:
        award_all_met(person=observation.person, now=now)


@receiver(dialogue_won)
def award_after_dialogue(sender, ending, now, **kwargs):
    """A client won over can be what was missing, where a track in use asks for this dialogue."""
    if ASKING.rows(quiz=ending.attempt.quiz_id):
        award_all_met(person=ending.person, now=now)


ASKING = PreparedQuery(
    lambda quiz: (
        CertificationTrack.objects.filter(active=True, rule_versions__requirements__quiz=quiz)
        .distinct()
        .select_related("level")
    )
)


@asks_of_grounds.register
def asks_of_exam_grounds(quiz, learner):
    return [ASKING.bound(quiz=quiz.pk), asks_of_versions(learner.pk)]


@grounds_for.register
@of_occasions("track:")
def exam_grounds(quiz, learner):
    """A track in use asks for this exam, and the person is on the way to it. Judged anew where a fact has changed since."""
    tracks, now = ASKING.rows(quiz=quiz.pk), timezone.now()
    if not tracks:
        return []
    versions = read_versions(learner.pk)
    return kept_answer(
        f"grounds-of-{quiz.pk}",
        lambda: _grounds_of_tracks(quiz, learner, tracks, local_day(now)),
        person=learner.pk,
        under=versions,
        now=now,
        everybodys=versions[0],
    )


def _grounds_of_tracks(quiz: Quiz, learner: User, tracks: list[CertificationTrack], today: date) -> list[Ground]:
    grounds = []
    for track in tracks:
        judged = judge(person=learner, track=track, today=today)
        standing = judged.standing
        lines = [line for line in standing.lines if line.asked.quiz == quiz.pk] if standing else []
        if standing is None or not lines:
            continue
        asked = [line.asked for line in lines]
        # A passed one opens again only where it may be improved, as it was opened.
        waits = [] if any(line.met or line.opened for line in lines) else list(lines[0].opens_after)
        grounds.append(
            Ground(
                occasion=f"track:{track.code}:{judged.cycle}",
                label=_("Level: %(name)s") % {"name": track.level.local_name},
                url=reverse("home"),
                refusal=_("First: %(what)s")
                % {"what": pgettext("between reasons", "; ").join(str(line.asked.label) for line in waits)}
                if waits
                else None,
                waits=_waits(waits),
                line=track.level.line,
                score=max((requirement.score for requirement in asked if requirement.score is not None), default=None),
            )
        )
    return grounds


asks_of_results.register(asks_of_awards)


@waits_of.register
def people_for_whom_it_is_closed(quiz, people) -> list[PersonWaits]:
    """Of many at once: who is asked for the exam by a level, and by none for which it is open."""
    tracks = ASKING.rows(quiz=quiz.pk)
    asked = list(User.objects.filter(pk__in=people)) if tracks else []
    judged = judge_many(people=asked, tracks=tracks, today=local_day(timezone.now())) if asked else {}
    person_waits = []
    for person in asked:
        lines = [
            line
            for track in tracks
            if (standing := judged[person.pk, track.pk].standing) is not None
            for line in standing.lines
            if line.asked.exam == quiz.pk
        ]
        if lines and not any(line.met or line.opened for line in lines):
            person_waits.append(
                PersonWaits(person.pk, _waits(min(lines, key=lambda line: len(line.opens_after)).opens_after))
            )
    return person_waits


def _waits(lines) -> tuple[Wait, ...]:
    return tuple(Wait(str(line.asked.label), line.missing, line.asked.url) for line in lines)


@takers_of.register
def people_before_exam(quiz, on):
    """Who is on the ladder below the level that asks for this exam; where its renewal asks for it, who holds it too.

    Where no rule names a position the ladder is everybody's, and nobody would be left to decide with another: then it is
    who is assigned to the level, or posted where a level is asked.
    """
    asked = Requirement.objects.filter(quiz=quiz, active=True, rule_version__track__active=True)
    purpose = F("tracks__rule_versions__requirements__purpose")
    asking = CareerLevel.objects.filter(tracks__rule_versions__requirements__in=asked).annotate(purpose=purpose)
    levels = list(asking.distinct())
    ladders = {level.ladder for level in levels}
    if not ladders:
        return []
    people = people_on_the_ladder(User.objects.all(), on, ladders)
    only = set(asked.values_list("only_positions", flat=True))
    if None not in only:
        of_them = Posting.objects.current().effective(on).filter(position__in=only)
        people = people.filter(pk__in=of_them.values("person"))
    if ladders - set(ladder_positions(on)):
        posts = posts_by_ladder(on)
        named = {position for ladder in ladders for position in posts.get(ladder, ())}
        assigned = TrackAssignee.objects.filter(assignment__track__in=asked.values("rule_version__track"))
        posted = Posting.objects.current().effective(on).filter(position__in=named)
        people = people.filter(Q(pk__in=assigned.values("person")) | Q(pk__in=posted.values("person")))
    if all(level.purpose == Requirement.Purpose.FIRST for level in levels):
        enough = reduce(or_, (level.or_higher("track__level") for level in levels))
        holding = Certification.objects.filter(enough).holding(on)
        people = people.exclude(pk__in=holding.values("person"))
    return [people]


@consequences_of.register
def certifications_by_annulled_paper(change) -> list[Consequence]:
    """Certifications that rest on a mark that is taken away: the exam itself, or a course completed by its quiz."""
    counted = _day_it_counted(change.attempt) if isinstance(change, Annulment) else None
    if counted is None:
        return []
    attempt, day = change.attempt, str(counted)
    asked = Requirement.objects.filter(Q(quiz=attempt.quiz_id) | Q(course__placements__quiz=attempt.quiz_id))
    requirements = set(asked.values_list("pk", flat=True))
    certifications = Certification.objects.filter(person=attempt.learner_id, ending=None).select_related("track__level")
    return [
        Consequence(
            _("%(level)s awarded on %(day)s rests on this mark. It stays valid until it is revoked.")
            % {"level": certification.track.level.code, "day": certification.awarded_on},
            url=reverse("register:index") + f"?q={attempt.learner.staff_number}",
        )
        for certification in certifications
        if any(fact.get("requirement") in requirements and fact.get("on", "") >= day for fact in certification.evidence)
    ]


def _day_it_counted(attempt: Attempt) -> date | None:
    """From when a paper counts: the day on which it was passed, or the first on which a dialogue of it was won; or None."""
    days = [local_day(attempt.finished_at)] if attempt.passed and attempt.finished_at is not None else []
    won = attempt.dialogue_endings.filter(kind=DialogueEnding.Kind.WON).order_by("ended_on")
    return min([*days, *won.values_list("ended_on", flat=True)[:1]], default=None)


@holders_of.register
def holders(level, on):
    """Who holds the level or a higher one on a day."""
    rows = Certification.objects.holding(on).filter(level.or_higher("track__level"))
    return [Holder(person, through) for person, through in rows.values_list("person", "valid_through")]


bars_to_assessing.register(bars_of_posts)


@levels_held.register
def held_by(people, on, known=None):
    """The levels of some people on a day. One query."""
    rows = Certification.objects.holding(on, known).filter(person__in=people).select_related("track__level")
    return [
        LevelHeld(row.person_id, row.track.level.rank, f"{row.track.level.name}（{row.track.level.code}）")
        for row in rows
    ]


@documents_held.register
def documents_of(person, on, now):
    """As the register says them of a day."""
    question = RegisterQuery(as_of=on, known_as_of=now)
    rows = rows_of_certificates(question, certificates_asked(question, User.objects.filter(pk=person.pk)))
    return [
        HeldDocument(row.certificate.serial, str(row.certificate.certification.track), row.said, row.through)
        for row in rows
        if not row.altered
    ]


@practice_sources.register
def courses_of_held_tracks(learner) -> list[PracticeSource]:
    """The courses that the tracks which a person holds ask for of their post, though the person took them elsewhere."""
    if none_of(Certification, [learner.pk]):
        return []
    today = local_day(timezone.now())
    held = Certification.objects.filter(person=learner).holding(today)
    posts = Posting.objects.current().effective(today).filter(person=learner).values("position")
    asked = Requirement.objects.filter(rule_version__track__in=held.values("track"), course__isnull=False)
    asked = asked.filter(Q(only_positions=None) | Q(only_positions__in=posts))
    return sources_of_courses(asked.values("course"))


consequences_of.register(certifications_of_a_repair)


watch(Certification, CertificationEnding, Decision, Employment, Leave, Posting, subject=BANKS_FIGURES)
watch(RoundApplication, whose="person")
watch(RoundObjection, whose="application__person")
watch(CertificationRound)
watch(Certification, Decision, ExamOpening, OutsideDocument, Recommendation, TrackAssignee, whose="person")
watch(CertificationEnding, whose="certification__person")
watch(TrackExtension, whose="assignee__person")
watch(CertificationTrack, PositionRequirement, Requirement, Requirement.positions.through, RuleVersion)
watch(OutsideDocumentKind, Requirement.practices.through, Requirement.documents.through)
watch(Requirement.only_positions.through)
watch(TrackAssignment, ignoring=["evaluated_at"])
