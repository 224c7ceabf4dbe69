"""Certifications of the demo: earned, imported, expiring, expired, revoked, replaced; all by the rules."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from academy.calendar.clock import local_day
from academy.demo.bank import LOGINS, cast, load_holidays, load_people, moment
from academy.models import User
from academy.staff.people import end_employment, rename_person
from certificates.award.awarding import import_history, revoke_certification
from certificates.demo.assignments import assign_tracks
from certificates.demo.beside import load_beside
from certificates.demo.decisions import load_level_decisions
from certificates.demo.impacts import load_impact
from certificates.demo.outside import load_outside_documents
from certificates.demo.posts import load_posts
from certificates.demo.rounds import load_rounds
from certificates.document.issuing import correct_certificate, render_waiting
from certificates.models import Certificate, Certification, CertificationTrack, TrackAssignment
from courses.demo.assignments import assign_courses
from courses.demo.bank_rules import load_bank_additions, load_bank_rules
from courses.demo.classroom import load_classes
from courses.demo.courses import learn, sit, sit_quiz
from courses.demo.programmes import assign_programme
from courses.demo.trying import load_tried
from courses.models import Course
from quizzes.attempts.endings import note_missed_endings
from quizzes.demo.calibrating import load_calibrations
from quizzes.demo.hall import load_exam_day
from quizzes.demo.marking import load_marking
from quizzes.demo.observing import ASSESSING, load_observations, seasoned
from quizzes.demo.practice import practise, report_questions
from quizzes.models import Attempt, Quiz


def load_demo(*, now: datetime) -> str:
    """Makes the demo once. A second call finds it and changes nothing."""
    today = local_day(now)
    # All or nothing: a start that was killed half way leaves no half of a demo behind.
    with transaction.atomic():
        people = load_people(now=now)
        actor = people["300001"]
        if not Certification.objects.exists():
            load_holidays(today.year)
            _learning(people, today)
            _practice(people, today)
            _history(people, actor, today)
            _decisions(people, actor, today)
            _rounds(people, now)
        load_posts(people=people, actor=actor, today=today)
        load_beside(people=people, actor=actor, today=today)
        others = [people[member.number] for member in cast() if member not in LOGINS]
        load_level_decisions(people=people, crowd=others, today=today)
        if not TrackAssignment.objects.exists():
            assign_courses(people=people, today=today, now=now)
            assign_programme(people=people, today=today, now=now)
            assign_tracks(people=people, today=today, now=now)
        _able_assessors(people, actor, today)
        load_exam_day(people=people, candidates=_examinees(people, today), now=now)
        load_observations(people=people, candidates=_examinees(people, today), now=now)
        load_calibrations(people=people, candidates=_examinees(people, today), now=now)
        load_impact(actor=actor, now=now)
        load_outside_documents(people=people, crowd=_examinees(people, today), now=now)
        load_classes(people=people, crowd=_examinees(people, today), now=now)
        load_tried(people=people, today=today)
        load_bank_rules(people=people, now=now)
        load_bank_additions(people=people, today=today)
    rendered = render_waiting(now=now, limit=1000)
    return f"{len(people)} people, {Certificate.objects.count()} certificates, {rendered} documents rendered"


def _rounds(people: dict[str, User], now: datetime) -> None:
    asked = DemoRequirement.of(CertificationTrack.objects.get(code="cm1"))
    load_rounds(people=people, earn=lambda learner, begun: earn(learner=learner, asked=asked, begun=begun), now=now)


def _examinees(people: dict[str, User], today: date) -> list[User]:
    """Client managers of Beijing who are none of the logins, still work here and were not away lately."""
    found = [member for member in cast() if member not in LOGINS and member.branch.startswith("BJ")]
    crowd = [people[member.number] for member in found if member.position.startswith("client-manager")]
    # As the database has them: one of them left while the demo was made.
    here = User.objects.filter(pk__in=[person.pk for person in crowd], is_active=True, leaves=None).employed(today)
    working = set(here.values_list("pk", flat=True))
    return [person for person in reversed(crowd) if person.pk in working]


@dataclass(frozen=True)
class DemoRequirement:
    """What a track asks to be learned and passed."""

    courses: tuple[Course, ...]
    exam: Quiz

    @classmethod
    def of(cls, track: CertificationTrack) -> "DemoRequirement":
        version = track.rule_versions.order_by("-number").first()
        if version is None:
            raise LookupError(f"{track.code} has no requirements")
        rows = version.requirements.filter(active=True, purpose="first").select_related("course", "quiz")
        courses = tuple(row.course for row in rows if row.course is not None)
        return cls(courses, next(row.quiz for row in rows if row.quiz is not None))


def earn(*, learner: User, asked: DemoRequirement, begun: datetime, wrong: int = 0) -> None:
    """Learns and passes everything, a course every four days and the exam at the end."""
    for number, course in enumerate(asked.courses):
        start = begun + timedelta(days=4 * number)
        learn(learner=learner, course=course, begun=start)
        sit_quiz(learner=learner, course=course, now=start + timedelta(days=2), wrong=wrong)
    sit(learner=learner, quiz=asked.exam, now=begun + timedelta(days=4 * len(asked.courses)), wrong=wrong)


def _learning(people: dict[str, User], today: date) -> None:
    """Every stage of learning, from nothing to certified."""
    track = CertificationTrack.objects.get(code="cm1")
    asked = DemoRequirement.of(track)
    first = asked.courses[0]
    newcomer = people["100001"]
    begun = moment(today - timedelta(days=28))
    # One course and its quiz, which open the exam of the level: that is the newcomer's next hour.
    last = next(course for course in asked.courses if course.code == "complaint-handling")
    for number, course in enumerate(course for course in asked.courses if course != last):
        learn(learner=newcomer, course=course, begun=begun + timedelta(days=5 * number))
        sit_quiz(learner=newcomer, course=course, now=begun + timedelta(days=5 * number + 3))
    # A client dialogue is played by steps, and won.
    played = begun + timedelta(days=4)
    sit(learner=newcomer, quiz=Quiz.objects.get(code="business-etiquette-a-bag-of-torn-notes"), now=played)
    note_missed_endings(now=played + timedelta(hours=1))
    learn(learner=newcomer, course=last, begun=begun + timedelta(days=22), lessons=4)
    learn(learner=people["100099"], course=first, begun=moment(today - timedelta(days=10)), lessons=2)
    for index, member in enumerate(member for member in cast() if member not in LOGINS):
        if not member.position.startswith("client-manager"):
            continue
        learner = people[member.number]
        begun = moment(today - timedelta(days=max(member.posted_days - 14, 24)), 8 + index % 9, index % 60)
        stage = index % 8
        if stage == 1:
            learn(learner=learner, course=first, begun=begun, lessons=3)
        elif stage == 2:
            learn(learner=learner, course=first, begun=begun)
            sit_quiz(learner=learner, course=first, now=begun + timedelta(days=2), wrong=5)
        elif stage in (3, 4):
            for number, course in enumerate(asked.courses[: stage - 1]):
                learn(learner=learner, course=course, begun=begun + timedelta(days=4 * number))
                sit_quiz(learner=learner, course=course, now=begun + timedelta(days=4 * number + 2))
        elif stage > 4:
            earn(learner=learner, asked=asked, begun=begun, wrong=index % 3)


def _practice(people: dict[str, User], today: date) -> None:
    """A row of practice days that today would lengthen, and questions that somebody found wrong."""
    practise(person=people["100001"], today=today, days=6)
    practise(person=people["100099"], today=today, days=2)
    sat = User.objects.filter(attempts__finished_at__isnull=False).distinct().order_by("staff_number")
    report_questions(reporters=list(sat[:3]), trainer=people["200001"], today=today)
    load_marking(people=people, writers=list(sat[3:7]), today=today)


def _history(people: dict[str, User], actor: User, today: date) -> None:
    """Levels held from before this academy, as HR's records have them."""
    tracks = {track.code: track for track in CertificationTrack.objects.select_related("level", "design")}
    crowd = [people[member.number] for member in cast() if member not in LOGINS and member.posted_days >= 620]
    this_year, recorded = date(today.year, 12, 31), moment(today - timedelta(days=200))
    before = ("cm2", date(today.year - 1, 12, 20), this_year)
    plans = [
        [before],
        [("cm2", today - timedelta(days=267), this_year)],
        [("cm2", date(today.year - 2, 12, 15), date(today.year - 1, 12, 31))],
        [("cm3", date(today.year - 1, 11, 8), this_year)],
        # Promoted while the lower level still ran: it is contained in the higher one.
        [before, ("cm3", today - timedelta(days=210), this_year)],
        [("cm4", date(today.year - 1, 12, 3), date(today.year + 1, 12, 31))],
        # Expires within the month, so that HR's home has something to say about it.
        [("cm2", today - timedelta(days=340), today + timedelta(days=21))],
    ]
    for index, person in enumerate(crowd):
        for code, awarded, through in plans[index % len(plans)]:
            import_history(
                person=person,
                track=tracks[code],
                awarded_on=awarded,
                valid_through=through,
                now=recorded,
                actor=actor,
                document_number=f"人资发〔{awarded.year}〕{index + 11}号",
                reason="历史证书台账导入",
            )


def _able_assessors(people: dict[str, User], actor: User, today: date) -> None:
    """Whoever assesses in the demo holds the highest level that is observed there."""
    track = CertificationTrack.objects.select_related("level", "design").get(code="cm4")
    for person in [people["500001"], *seasoned(_examinees(people, today), today)[-ASSESSING:]]:
        if not Certification.objects.filter(person=person, track=track).exists():
            import_history(
                person=person,
                track=track,
                awarded_on=date(today.year - 1, 12, 3),
                valid_through=date(today.year + 1, 12, 31),
                now=moment(today - timedelta(days=200)),
                actor=actor,
                document_number=f"人资发〔{today.year - 1}〕40号",
                reason="历史证书台账导入",
            )


def _decisions(people: dict[str, User], actor: User, today: date) -> None:
    """One revoked, one name corrected, one who left the bank."""
    last_day, at = today - timedelta(days=5), moment(today - timedelta(days=9), 15)
    # Who left has sat nothing since.
    busy = Attempt.objects.filter(drawn_at__gte=at).values("learner")
    held = list(Certification.objects.filter(track__code="cm1").select_related("person").order_by("pk"))
    if len(held) < 3:
        return
    revoked, renamed = held[:2]
    idle = set(Certification.objects.exclude(person__in=busy).values_list("pk", flat=True))
    left = next(certification for certification in held[2:] if certification.pk in idle)
    revoke_certification(certification=revoked, reason="代他人参加测验，经核实成绩作废", now=at, actor=actor)
    rename_person(
        person=renamed.person,
        display_name=renamed.person.display_name + "儿",
        now=at,
        actor=actor,
        reason="户籍姓名更正",
    )
    renamed.person.refresh_from_db()
    correct_certificate(certificate=renamed.certificates.get(), reason="姓名更正，换发", now=at, actor=actor)
    end_employment(person=left.person, last_day=last_day, now=at, actor=actor, reason="合同期满")
