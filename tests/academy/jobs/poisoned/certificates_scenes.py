"""The passes of certificates: a scene returns the key of the row that is refused, and whether the other is done."""

from datetime import timedelta

from academy.dates.due_dates import DueFrom
from academy.models import Audience, Notice, Role, User
from academy.staff.people import end_employment
from certificates.models import (
    AwardCandidate,
    Certificate,
    Certification,
    CertificationRound,
    Recommendation,
    RoundApplication,
)
from certificates.models.rounds import DAYS
from courses.models import CourseAssignment
from tests.academy.jobs.poisoned.world import NOW, TODAY, refuse
from tests.cast import person
from tests.certificates.award.test_candidates import track_of
from tests.courses.factories import course_of


def render_what_waits(world, settings):
    made = world.certificates()
    refuse(Certificate, "UPDATE", "id", made[0].pk)
    return made[0].pk, lambda: Certificate.objects.get(pk=made[1].pk).pdf_digest != ""


def tell_managers_about_the_week(world, settings):
    managers = [person(f"20000{n}", "贺兰舟", world.branches["BJ01"], roles=[Role.LINE_MANAGER]) for n in (1, 2)]
    for one, manager in zip(world.enrolments()[0].course.enrolments.order_by("pk"), managers, strict=True):
        one.learner.postings.update(manager=manager)
    audience = Audience.objects.create(name="北京", branch=world.branches["BJ"])
    assignment = CourseAssignment.objects.create(
        course=course_of("two"),
        audience=audience,
        effective_from=TODAY() - timedelta(days=60),
        due_from=DueFrom.FIXED,
        due_date=TODAY() - timedelta(days=3),
    )
    for user in User.objects.filter(staff_number__in=["100001", "100002"]):
        assignment.people.create(person=user, since=TODAY() - timedelta(days=60), due_on=TODAY() - timedelta(days=3))
    refuse(Notice, "INSERT", "person_id", managers[0].pk)
    return managers[0].pk, lambda: managers[1].notices.filter(kind="certificates.team_week").exists()


def who_stands_ready(world, settings):
    two = world.two()
    track_of()
    refuse(AwardCandidate, "INSERT", "person_id", two[0].pk)
    return two[0].pk, lambda: AwardCandidate.objects.filter(person=two[1]).exists()


def what_recommendations_count(world, settings):
    track, yesterday = track_of(award="automatic"), TODAY() - timedelta(days=1)
    two = world.two()
    rows = [
        Recommendation.objects.create(person=one, track=track, made_on=yesterday, made_by=world.head, words="可以")
        for one in two
    ]
    refuse(Certification, "INSERT", "person_id", two[0].pk)
    return rows[0].pk, lambda: Certification.objects.filter(person=two[1]).exists()


def finished_rounds(world, **values) -> list[CertificationRound]:
    """Two rounds with listed results, whose common award date was yesterday."""
    track, found = track_of(award="automatic"), []
    for _number in range(2):
        days = {name: TODAY() - timedelta(days=30 - 2 * at) for at, (name, _later) in enumerate(DAYS)}
        days |= {"publicity_until": TODAY() - timedelta(days=2), "award_on": TODAY() - timedelta(days=1)}
        facts = dict.fromkeys(("announced_at", "judged_at", "listed_at"), NOW())
        certification_round = CertificationRound(
            track=track, name="批次", rule_version=track.rule_versions.get(), **days, **facts, **values
        )
        certification_round.save()
        found.append(certification_round)
    return found


def decided_applications(world, people) -> list[RoundApplication]:
    one = finished_rounds(world)[0]
    decided = {"document_number": "人发1号", "decided_at": NOW(), "decided_by": world.head}
    return [
        RoundApplication.objects.create(
            round=one, track=one.track, person=each, applied_by=each, eligible=True, result="passed", rank=1, **decided
        )
        for each in people
    ]


def issue_what_rounds_decided(world, settings):
    two = world.two()
    rows = decided_applications(world, two)
    refuse(Certification, "INSERT", "person_id", two[0].pk)
    return rows[0].pk, lambda: Certification.objects.filter(person=two[1]).exists()


def closing_rounds(world, settings):
    rounds = finished_rounds(world)
    refuse(CertificationRound, "UPDATE", "id", rounds[0].pk)
    return rounds[0].pk, lambda: CertificationRound.objects.get(pk=rounds[1].pk).closed_at is not None


def leavers_of_rounds(world, settings):
    two = world.two()
    rows = decided_applications(world, two)
    for one in two:
        end_employment(person=one, last_day=TODAY() - timedelta(days=1), now=NOW(), actor=None, reason="离职")
    refuse(RoundApplication, "UPDATE", "id", rows[0].pk)
    return rows[0].pk, lambda: RoundApplication.objects.get(pk=rows[1].pk).ending == "left"


def who_waited_for_a_round(world, settings):
    two = world.two()
    finished_rounds(world, closed_at=NOW())
    refuse(Certification, "INSERT", "person_id", two[0].pk)
    return two[0].pk, lambda: Certification.objects.filter(person=two[1]).exists()


SCENES = {
    "what recommendations count": what_recommendations_count,
    "render what waits, ask": render_what_waits,
    "tell managers about the week": tell_managers_about_the_week,
    "who stands ready": who_stands_ready,
    "issue what rounds decided": issue_what_rounds_decided,
    "close rounds": closing_rounds,
    "leavers of rounds": leavers_of_rounds,
    "who waited for a round": who_waited_for_a_round,
}
