"""Whom a track that counts from the posting can give no day any more: HR decides about them, and nobody urges them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.dates.periods import add_months
from academy.duties.reminding import reminders_due
from academy.errors.refusals import RuleViolation
from academy.models import Notice, Proposal
from certificates.award.all_met import award_all_met
from certificates.award.candidates import note_all_candidates
from certificates.models import AwardCandidate, Certification, CertificationTrack, PositionRequirement
from certificates.team.nudging import default_words, nudge
from certificates.viewsets.decision_forms import DecisionForm
from tests.cast import OPENED, person, position
from tests.certificates.deciding.scenes import TODAY, World, standing

pytestmark = [pytest.mark.django_db, pytest.mark.database]
URGED, WITHOUT = "/cms/board/names/?show=urge", "/cms/board/names/?show=without"


@pytest.fixture
def world():
    """The trainee's level counts six months from the posting, which two people took up a year ago; the post asks for it."""
    made = World()
    CertificationTrack.objects.filter(pk=made.cm1.pk).update(mode="posting", active_months=6)
    made.cm1.refresh_from_db()
    made.late, made.slow = (
        person(number, name, made.branches["BJ01"], posted=TODAY() - timedelta(days=365))
        for number, name in (("100008", "顾南乔"), ("100009", "谢怀瑾"))
    )
    PositionRequirement.objects.create(position=position(), level=made.cm1.level, within_days=30, effective_from=OPENED)
    made.learns(made.late, 0, 1)
    award_all_met(person=made.late, now=timezone.now())
    return made


def test_who_is_too_late_for_the_tracks_own_days_waits_for_hr_and_is_urged_by_nobody(world, client):
    waiting = AwardCandidate.objects.get(closed_at=None)
    assert (waiting.person, waiting.track, standing(world.cm1)) == (world.late, world.cm1, [])
    assert Notice.objects.filter(person=world.late, kind="ready_for_award").count() == 1

    told = reminders_due([world.late.pk, world.slow.pk], TODAY())
    nudged = nudge(manager=world.hr, people=[world.late, world.slow], words=default_words(), now=timezone.now())
    client.force_login(world.hr)
    urged, without, listed = (
        client.get(address).content.decode() for address in (URGED, WITHOUT, "/cms/register/lacking/?track=cm1&ready=1")
    )

    client.force_login(world.late)
    home = client.get("/").content.decode()
    client.force_login(world.slow)
    slows = client.get("/").content.decode()

    assert {reminder.person for reminder in told} == {world.slow.pk}
    assert ("已逾期" in home, "已逾期" in slows) == (False, True)
    assert (nudged.told, nudged.nothing_due) == (1, 1)
    assert "100009" in urged and "100008" not in urged
    assert "100008" in without and "100009" in without
    assert "100008" in listed and "100009" not in listed


@pytest.mark.both
def test_the_days_pass_notes_who_came_to_be_too_late(world):
    AwardCandidate.objects.all().delete()

    assert [note_all_candidates(now=timezone.now()) for _twice in range(2)] == [1, 0]
    assert list(AwardCandidate.objects.values_list("person", flat=True)) == [world.late.pk]


def test_two_people_give_it_through_a_day_that_they_say(world):
    until = TODAY() + timedelta(days=90)
    with pytest.raises(RuleViolation) as refused:
        world.propose("award", world.late)
    assert "请填写“有效期至”" in str(refused.value.message)

    world.decide("award", world.late, until=until)

    held = Certification.objects.get(person=world.late, track=world.cm1)
    assert (held.valid_from, held.valid_through, held.kind) == (TODAY(), until, Certification.Kind.BY_HAND)
    assert standing(world.cm1) == ["100008"]
    assert not AwardCandidate.objects.filter(closed_at=None).exists()


@pytest.mark.parametrize("days", [-1, 400])
def test_the_day_is_ahead_and_no_further_than_the_tracks_own_time(world, days):
    with pytest.raises(RuleViolation):
        world.propose("award", world.late, until=TODAY() + timedelta(days=days))

    longest = add_months(TODAY(), 6) - timedelta(days=1)
    assert world.propose("award", world.late, until=longest).pk


def test_one_list_holds_those_with_a_day_that_is_said_and_those_with_the_tracks_own(world, client):
    """Who needs no day keeps the track's; where nobody needs one it is refused at its place."""
    newcomer = person("100010", "沈青禾", world.branches["BJ01"], posted=TODAY() - timedelta(days=20))
    until = TODAY() + timedelta(days=90)
    client.force_login(world.hr)
    address = "/cms/decisions/decide/?act=award&track=cm1"
    answers = {"until": until.isoformat(), "reason": "一并认定", "document_number": ""}

    client.post(address, {**answers, "numbers": "100008\n100010", "step": "confirm"})
    world.approve(Proposal.objects.get())
    alone = client.post(address, {**answers, "numbers": "100009"}).content.decode()
    third = person("100011", "裴闻笛", world.branches["BJ01"], posted=TODAY() - timedelta(days=20))
    nobody = client.post(address, {**answers, "numbers": third.staff_number}).content.decode()

    held = {row.person: row.valid_through for row in Certification.objects.filter(track=world.cm1)}
    own = add_months(TODAY() - timedelta(days=20), 6) - timedelta(days=1)
    assert held == {world.late: until, newcomer: own}
    assert "请留空" not in alone and "请留空" in nobody


def test_a_track_that_has_days_of_its_own_takes_none(world):
    asked = {
        track.code: "until" in DecisionForm(viewer=world.hr, act="award", track=track).fields
        for track in (world.cm1, world.cm2)
    }
    assert asked == {"cm1": True, "cm2": False}


def test_who_holds_a_higher_level_waits_for_no_lower_one(world):
    """The higher level contains it: HR is not asked for a certificate that would say nothing."""
    assert AwardCandidate.objects.filter(closed_at=None, person=world.late).exists()
    world.holds(world.late, world.cm2)
    note_all_candidates(now=timezone.now())

    assert not AwardCandidate.objects.filter(closed_at=None, person=world.late, track=world.cm1).exists()


def test_the_form_asks_for_the_last_day_before_anything_is_reckoned_and_says_on_what_grounds(world, client):
    """One instruction, where the day is written; the preview names each piece of evidence."""
    client.force_login(world.hr)
    address, answers = "/cms/decisions/decide/?act=award&track=cm1", {"numbers": "100008", "reason": "达标"}

    opened = client.get(f"{address}&numbers=100008").content.decode()
    refused = client.post(address, answers).content.decode()
    shown = client.post(address, {**answers, "until": str(TODAY() + timedelta(days=90))}).content.decode()

    assert "以下人员任岗后的取得期限已过，必须填写：顾南乔" in opened
    assert "取得期限已过，请填写“有效期至”" in refused and "须移出名单" not in refused
    assert "已满足的条件：" in shown and str(world.courses[0]) in shown
