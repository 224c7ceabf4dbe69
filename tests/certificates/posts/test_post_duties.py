"""What the post asks for and what is to be renewed stand among a person's duties, whoever reads them."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.duties.duty import DutyState, duties_of
from academy.errors.refusals import RuleViolation
from academy.models import CareerLevel, Leave, Role
from certificates.award.awarding import import_history
from certificates.board.table import board_of
from certificates.impact.asked import posts_foreseen
from certificates.models import CertificationTrack, PositionRequirement, Requirement, RuleVersion
from certificates.posts.duties import duties_of_posts_and_renewals
from quizzes.observing.booking import ask, offer
from quizzes.observing.reach import assessing_refusal, assessors_asked
from tests.cast import OPENED, bank, person, position
from tests.quizzes.observing.cast import practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    branches = bank()
    tracks = {}
    for rank, code in enumerate(("CM1", "CM2"), 1):
        level = CareerLevel.objects.create(code=code, rank=rank, name=f"等级{rank}", name_en=f"Level {rank}")
        tracks[code] = CertificationTrack.objects.create(code=code.lower(), level=level, name=code, mode="completion")
    PositionRequirement.objects.create(
        position=position(), level=tracks["CM1"].level, within_days=60, effective_from=OPENED
    )
    return branches, tracks


def holds(one, track, since: date, through: date) -> None:
    import_history(
        person=one, track=track, awarded_on=since, valid_through=through, now=timezone.now(), actor=None, reason="test"
    )


def of(one, on: date) -> list:
    return duties_of(people=[one.pk], on=on)[one.pk]


def test_a_level_is_due_so_many_days_after_taking_up_the_post_and_leave_moves_it(world):
    branches, _tracks = world
    today = timezone.localdate()
    late = person("1", "林晚", branches["BJ01"], posted=today - timedelta(days=90))
    away = person("2", "苏眠", branches["BJ01"], posted=today - timedelta(days=90))
    Leave.objects.create(person=away, kind="maternity", effective_from=today - timedelta(days=45))

    (duty,) = of(late, today)
    (paused,) = of(away, today)

    assert duty.state_on(today) == DutyState.OVERDUE
    assert duty.due_on == today - timedelta(days=30)
    assert duty.title == {"zh-hans": "取得等级1（CM1）", "en": "Obtain Level 1 (CM1)"}
    assert duty.remind_days == (90, 60, 30, 7)
    assert paused.state_on(today) == DutyState.PAUSED
    assert paused.due_on == today + timedelta(days=16)


def test_a_higher_level_does_and_its_renewal_is_due_by_its_last_valid_day(world):
    branches, tracks = world
    today = timezone.localdate()
    one = person("1", "林晚", branches["BJ01"])
    holds(one, tracks["CM2"], today - timedelta(days=300), today + timedelta(days=20))

    found = {duty.kind: duty for duty in of(one, today)}

    assert found["post"].done_on == today - timedelta(days=300)
    assert found["renewal"].due_on == today + timedelta(days=20)
    assert found["renewal"].state_on(today) == DutyState.SOON
    # In the grace the renewal is late; when it is over the post asks again.
    assert [
        (duty.kind, str(duty.state_on(today + timedelta(days=40)))) for duty in of(one, today + timedelta(days=40))
    ] == [("renewal", "overdue")]
    after = today + timedelta(days=20 + 91)
    assert [(duty.kind, duty.state_on(after)) for duty in of(one, after)] == [("post", DutyState.OVERDUE)]


def test_duties_cost_the_same_for_one_person_and_for_three(world, django_assert_num_queries):
    branches, tracks = world
    people = [person(str(number), "某某", branches["BJ01"]) for number in range(3)]
    for one in people:
        holds(one, tracks["CM1"], date(2026, 1, 1), date(2026, 12, 31))

    for asked in (people[:1], people):
        with django_assert_num_queries(8):
            duties_of_posts_and_renewals([one.pk for one in asked], date(2026, 11, 24))


def test_what_is_asked_from_today_on_makes_nobody_late_who_was_in_post_before(world):
    """The duty, the board's numbers and what is said before agree: the days run from the first day of the requirement."""
    branches, tracks = world
    today = timezone.localdate()
    one = person("1", "林晚", branches["BJ01"], posted=today - timedelta(days=400))
    PositionRequirement.objects.all().delete()
    asked = PositionRequirement(position=position(), level=tracks["CM1"].level, within_days=30, effective_from=today)
    said = posts_foreseen(asked, today).lines
    asked.save()

    (duty,) = of(one, today)
    assert (duty.since, duty.due_on, duty.state_on(today)) == (today, today + timedelta(days=30), DutyState.SOON)
    assert board_of(roots=None, on=today).total.missing == 1
    assert board_of(roots=None, on=today + timedelta(days=31)).total.without == 1
    assert "林晚 1" in said and any("逾期" in line for line in said) is False

    # Where HR lets the days run from before, it reads who would be late, and they are from the day after.
    asked.counts_from = today - timedelta(days=100)
    said = " ".join(posts_foreseen(asked, today).lines)
    asked.save()
    assert f"其中 1 人自 {today + timedelta(days=1)} 起即逾期" in said
    assert board_of(roots=None, on=today).total.missing == 1
    assert board_of(roots=None, on=today + timedelta(days=1)).total.without == 1
    assert of(one, today + timedelta(days=1))[0].state_on(today + timedelta(days=1)) == DutyState.OVERDUE


def test_who_lacks_the_level_of_the_own_post_is_neither_asked_nor_let_to_assess(world):
    branches, tracks = world
    today = timezone.localdate()
    learner = person("1", "林晚", branches["BJ01"])
    lacking, holding = (
        person(number, name, branches["BJ01"], roles=[Role.ASSESSOR])
        for number, name in (("2", "苏眠"), ("3", "许怀瑾"))
    )
    holds(holding, tracks["CM1"], today - timedelta(days=300), today + timedelta(days=200))
    asked_for = practice()

    assert list(assessors_asked(learner, asked_for, today)) == [holding]
    one = ask(practice=asked_for, person=learner, actor=learner, words="", now=timezone.now())
    assert "本岗位所要求等级" in str(assessing_refusal(observation=one, assessor=lacking, on=today))
    assert assessing_refusal(observation=one, assessor=holding, on=today) is None


def test_who_assesses_holds_at_least_the_level_for_which_it_counts(world, client):
    branches, tracks = world
    today, start = timezone.localdate(), timezone.now() + timedelta(days=3)
    learner, hr = person("1", "林晚", branches["BJ01"]), person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
    # Of no post a level is asked.
    PositionRequirement.objects.all().delete()
    none, low, able = (
        person(number, name, branches["BJ01"], roles=[Role.ASSESSOR])
        for number, name in (("2", "苏眠"), ("3", "许怀瑾"), ("4", "陆澄"))
    )
    holds(low, tracks["CM1"], today - timedelta(days=300), today + timedelta(days=200))
    holds(able, tracks["CM2"], today - timedelta(days=300), today + timedelta(days=200))
    observed, free = practice(), practice(code="visits", name="拜访实操")
    for track in tracks.values():
        version = RuleVersion.objects.create(track=track, number=1, effective_from=OPENED)
        if track == tracks["CM2"]:
            asking = Requirement.objects.create(rule_version=version, kind="observation", sort_order=1)
            asking.practices.set([observed])
            asking.save()

    assert list(assessors_asked(learner, observed, today)) == [able]
    assert set(assessors_asked(learner, free, today)) == {none, low, able}
    asked = ask(practice=observed, person=learner, actor=learner, words="", now=timezone.now())
    for assessor in (none, low):
        assert "至少须持有：等级2" in str(assessing_refusal(observation=asked, assessor=assessor, on=today))
        with pytest.raises(RuleViolation, match="等级2"):
            offer(observation=asked, assessor=assessor, starts_at=start, place="305", now=timezone.now())
        client.force_login(assessor)
        # What one may not assess does not stand there as if it waited for one.
        assert asked.get_absolute_url() not in client.get("/observe/").text
        assert "等待考评员" not in client.get("/my/todo/").text

    client.force_login(hr)
    page = client.get(reverse("observed_practices:edit", args=[observed.pk])).text
    rows = dict(re.findall(r"<td>(\S+) \d+</td>.*?<td>(.*?)</td>\s*</tr>", page, re.S))
    assert "至少须持有：等级2" in rows["苏眠"] and "至少须持有：等级2" in rows["许怀瑾"]
    assert rows["陆澄"].split("<td>")[-1].strip() == "可以考评"

    # The bank may ask for another level, or for none.
    observed.assessor_rank = 0
    observed.save()
    assert set(assessors_asked(learner, observed, today)) == {none, low, able}
