"""Who stands ready on a track that waits for HR, and that what a person took away comes back by a person only."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from academy.calendar.clock import DAILY_PASSES
from academy.models import CareerLevel, Notice, Role
from academy.staff.people import post_person
from certificates.award.all_met import award_all_met
from certificates.award.awarding import award_if_met, revoke_certification
from certificates.award.candidates import note_all_candidates
from certificates.models import AwardCandidate, Certification, CertificationTrack, Requirement, RuleVersion
from courses.demo.courses import learn
from tests.cast import bank, person, position
from tests.courses.factories import course_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def branches():
    return bank()


def track_of(course=None, *, months: int = 0, award: str = "approval") -> CertificationTrack:
    """A track that asks for a post, and for a course or some months in it."""
    level = CareerLevel.objects.create(code="CM2", rank=2, name="客户经理", name_en="Client Manager")
    track = CertificationTrack.objects.create(code="cm2", level=level, name="认证", award=award)
    version = RuleVersion.objects.create(
        track=track, number=1, effective_from=timezone.localdate() - timedelta(days=900)
    )
    posted = Requirement(rule_version=version, kind="posted", phase="apply", sort_order=0)
    posted.save()
    posted.positions.set([position()])
    posted.save()
    if course is not None:
        Requirement.objects.create(rule_version=version, kind="course", course=course, sort_order=1)
    if months:
        Requirement.objects.create(rule_version=version, kind="months_in_post", amount=months, sort_order=2)
    return track


@pytest.mark.both
def test_the_last_fact_makes_a_candidate_once_and_the_award_closes_it(branches):
    course = course_of("one")
    track = track_of(course)
    learner, hr = (
        person("100001", "欧阳文澜", branches["BJ01"]),
        person("300001", "苏映雪", branches["HO"], roles=[Role.HR]),
    )

    learn(learner=learner, course=course, begun=timezone.now() - timedelta(days=2))
    award_all_met(person=learner, now=timezone.now())

    candidate = AwardCandidate.objects.get(person=learner, track=track)
    assert candidate.closed_at is None
    assert Certification.objects.count() == 0
    assert Notice.objects.filter(person=learner, kind="ready_for_award").count() == 1
    awarded = award_if_met(person=learner, track=track, now=timezone.now(), actor=hr)
    candidate.refresh_from_db()
    assert awarded.recorded_by == hr
    assert candidate.closed_at is not None


def test_time_alone_completes_a_standing_on_its_day(branches):
    track_of(months=6)
    person("100001", "欧阳文澜", branches["BJ01"], posted=timezone.localdate() - timedelta(days=100))
    early = note_all_candidates(now=timezone.now())

    found = note_all_candidates(now=timezone.now() + timedelta(days=90))
    again = note_all_candidates(now=timezone.now() + timedelta(days=90))

    assert (early, found, again) == (0, 1, 0)


def test_time_alone_awards_where_a_track_awards_at_once(branches):
    """Nothing comes in on that day; the daily pass is who looks, and it awards once."""
    track = track_of(months=6, award="automatic")
    learner = person("100001", "欧阳文澜", branches["BJ01"], posted=timezone.localdate() - timedelta(days=100))
    run = DAILY_PASSES["who stands ready"]
    run(timezone.now(), timezone.localdate())
    assert not Certification.objects.exists()

    later = timezone.now() + timedelta(days=90)
    for _time in range(2):
        run(later, timezone.localdate(later))

    held = Certification.objects.get()
    assert (held.person, held.track, held.valid_from) == (learner, track, timezone.localdate(later))
    assert not AwardCandidate.objects.exists()


def test_one_who_moves_to_another_post_stands_ready_no_more(branches):
    track_of(months=1)
    learner = person("100001", "欧阳文澜", branches["BJ01"])
    note_all_candidates(now=timezone.now())

    teller = position("teller")
    now = timezone.now()
    post_person(
        person=learner, branch=branches["BJ01"], position=teller, effective_from=now.date(), now=now, actor=None
    )
    award_all_met(person=learner, now=now + timedelta(days=1))

    assert AwardCandidate.objects.get(person=learner).closed_at is not None


def test_what_a_person_revoked_comes_back_by_a_person_only(branches):
    course = course_of("one")
    track = track_of(course, award="automatic")
    learner, hr = (
        person("100001", "欧阳文澜", branches["BJ01"]),
        person("300001", "苏映雪", branches["HO"], roles=[Role.HR]),
    )
    learn(learner=learner, course=course, begun=timezone.now() - timedelta(days=2))
    first = Certification.objects.get(person=learner)
    revoke_certification(certification=first, reason="代考", now=timezone.now(), actor=hr)

    call_command("rebuild_progress")
    by_itself = Certification.objects.filter(person=learner).count()
    award_if_met(person=learner, track=track, now=timezone.now(), actor=hr)

    assert by_itself == 1
    assert AwardCandidate.objects.filter(person=learner).count() == 1
    assert list(Certification.objects.filter(person=learner).order_by("cycle").values_list("cycle", flat=True)) == [
        1,
        2,
    ]


def test_hr_awards_those_chosen_and_nobody_of_another_branch(branches, client):
    course = course_of("one")
    track_of(course)
    people = [
        person(f"10000{number}", f"学员{number}", branches["BJ01" if number < 3 else "SH01"]) for number in (1, 2, 3)
    ]
    for one in people:
        learn(learner=one, course=course, begun=timezone.now() - timedelta(days=2))
    client.force_login(person("300009", "贝岚", branches["BJ"], roles=[Role.HR]))

    page = client.get("/cms/register/lacking/?track=cm2&ready=1").content.decode()
    home = client.get("/cms/").content.decode()
    form = client.post(
        "/cms/register/lacking/?track=cm2&ready=1", {"person": [people[0].pk, people[2].pk]}, follow=True
    )
    address = form.redirect_chain[-1][0]
    client.post(address, {"numbers": "100001", "reason": "全部达标", "step": "confirm"})

    assert "学员1" in page
    assert "学员2" in page
    assert "学员3" not in page
    assert "100003" not in address
    assert "track=cm2&amp;ready=1" in home
    assert set(Certification.objects.values_list("person__staff_number", flat=True)) == {"100001"}


def test_nobody_awards_a_level_to_themselves(branches, client):
    course = course_of("one")
    track = track_of(course)
    hr = person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
    learn(learner=hr, course=course, begun=timezone.now() - timedelta(days=2))
    award_all_met(person=hr, now=timezone.now())
    client.force_login(hr)

    address = "/cms/decisions/decide/?act=award&track=cm2"
    said = client.post(address, {"numbers": "300001", "reason": "达标", "step": "confirm"}).content.decode()

    assert "不能对本人作出处理" in said
    assert Certification.objects.count() == 0
    other = person("300003", "钟礼安", branches["HO"], roles=[Role.HR])
    assert award_if_met(person=hr, track=track, now=timezone.now(), actor=other) is not None


def test_whom_a_level_was_taken_from_is_not_told_that_all_is_met_until_something_new_is_passed(branches, client):
    """What it rested on still counts, so HR's list and the page of the person say so in red; the person hears nothing."""
    course = course_of("one")
    track = track_of(course, award="automatic")
    learner, hr = (
        person("100001", "欧阳文澜", branches["BJ01"]),
        person("300001", "苏映雪", branches["HO"], roles=[Role.HR]),
    )
    learn(learner=learner, course=course, begun=timezone.now() - timedelta(days=2))
    revoke_certification(certification=Certification.objects.get(), reason="代考", now=timezone.now(), actor=hr)

    note_all_candidates(now=timezone.now())

    assert AwardCandidate.objects.get(person=learner, track=track).closed_at is None
    assert not Notice.objects.filter(person=learner, kind="ready_for_award").exists()
    client.force_login(learner)
    assert "条件均已满足" not in client.get("/").content.decode()
    client.force_login(hr)
    about = client.get(reverse("wagtailusers_users:inspect", args=[learner.pk])).content.decode()
    assert "可授予的等级" in about and "代考" in about and "原授予依据仍然有效" in about
