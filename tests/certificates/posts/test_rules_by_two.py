"""Rules and settings that count for a certificate: set, changed and ended by two people."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.decisions.four_eyes import decide_proposal
from academy.errors.refusals import RuleViolation
from academy.models import CareerLevel, JournalEntry, Position, Proposal, Role
from academy.staff.people import post_person
from certificates.award.awarding import import_history
from certificates.impact.asked import ending_foreseen
from certificates.models import Certification, CertificationTrack, PositionRequirement, Requirement, RuleVersion
from courses.models import Course, Enrolment
from tests.cast import bank, person, position
from tests.courses.factories import course_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def training():
    """A post that nothing is asked of."""
    return Position.objects.create(code="training", name="培训岗", line="")


def hr(number, name, branch, training):
    """HR holds a post of its own kind: who holds a post that is asked of is no second person."""
    found = person(number, name, branch, roles=[Role.HR])
    found.postings.update(position=training)
    return found


@pytest.fixture
def first(branches, training):
    return hr("300001", "苏映雪", branches["HO"], training)


@pytest.fixture
def second(branches, training):
    return hr("300003", "钟礼安", branches["HO"], training)


@pytest.fixture
def outside(branches, training):
    return hr("300002", "陆明川", branches["SH"], training)


@pytest.fixture
def track(branches):
    level = CareerLevel.objects.create(code="CM1", name="初级", rank=10)
    found = CertificationTrack.objects.create(code="cm1", level=level, name="初级认证", active_months=12)
    version = RuleVersion.objects.create(track=found, number=1, effective_from=timezone.localdate())
    Requirement.objects.create(rule_version=version, kind="no_ban")
    return found


def approve(proposal, actor, approve=True):
    return decide_proposal(proposal=proposal, approve=approve, note="不", actor=actor, now=timezone.now())


def fields_of(track) -> dict:
    names = (
        "name",
        "name_en",
        "award",
        "mode",
        "active_months",
        "window_months",
        "minimum_months",
        "grace_days",
        "counts_before_days",
    )
    data = {name: getattr(track, name) for name in (*names, "serial_pattern", "remind_days")}
    months = {name: getattr(track, name) for name in ("anchor_month", "anchor_day", "days_needed")}
    kept = {name: value for name, value in {**data, **months}.items() if value is not None}
    return {**kept, "level": track.level_id, "active": "on", "renewable": "on" if track.renewable else ""}


def test_a_track_is_changed_by_two_of_head_office(client, first, second, outside, track):
    client.force_login(first)
    address = reverse("tracks:edit", args=[track.pk])
    client.post(address, {**fields_of(track), "active_months": 36})

    assert CertificationTrack.objects.get().active_months == 12
    proposal = Proposal.objects.get()
    # A branch decides nothing of the whole bank, and who asked decides nothing of what they asked.
    for nobody in (first, outside):
        with pytest.raises(RuleViolation):
            approve(proposal, nobody)
    client.force_login(second)
    page = client.get(reverse("proposals:decide", args=[proposal.pk])).text
    assert "12" in page and "36" in page and "初级认证" in page
    client.post(reverse("proposals:decide", args=[proposal.pk]), {"decision": "approve"})

    assert CertificationTrack.objects.get().active_months == 36
    entry = JournalEntry.objects.get(action="certificates.change_track")
    assert entry.actor == second
    assert (entry.payload["before"], entry.payload["after"]) == ({"active_months": "12"}, {"active_months": "36"})


def held_by(learner, track, *, days: int) -> Certification:
    """A certification whose last valid day is so many days off, its window open since two months before."""
    today = timezone.localdate()
    found = import_history(
        person=learner,
        track=track,
        awarded_on=today + timedelta(days=days - 365),
        valid_through=today + timedelta(days=days),
        now=timezone.now(),
        actor=None,
    )
    Certification.objects.filter(pk=found.pk).update(renew_from=today + timedelta(days=days - 60), grace_days=90)
    return found


def test_who_agrees_reads_by_name_what_settings_do_and_the_change_keeps_it_without_names(
    client, first, second, branches, track
):
    """Early work and a grace that counts: whose renewal and whose post they concern, from the same facts judged twice."""
    course = Course.objects.create(code="refresher")
    version = track.rule_versions.get()
    Requirement.objects.create(rule_version=version, kind="course", course=course, purpose="renewal", lasts="cycle")
    early, over, other = (
        person(number, name, branches["BJ01"])
        for number, name in [("100001", "欧阳文澜"), ("100002", "陆知秋"), ("100003", "林见鹿")]
    )
    for learner, days in ((early, 30), (over, -10), (other, 200)):
        held_by(learner, track, days=days)
        done = timezone.localdate() + timedelta(days=days - 80)
        Enrolment.objects.create(learner=learner, course=course, completed_at=timezone.now(), completed_on=done)
    fields = {**fields_of(track), "counts_before_days": 30, "grace_counts": "on"}
    address = reverse("tracks:edit", args=[track.pk])
    client.force_login(first)

    told = client.post(address, fields).text
    assert not Proposal.objects.exists()
    client.post(address, fields)
    proposal = Proposal.objects.get()
    client.force_login(second)
    page = client.get(reverse("proposals:decide", args=[proposal.pk])).text
    approve(proposal, second)

    for read in (told, page):
        assert "2 人正在进行的续期将有更多要求视为已满足" in read and "1 人处于宽限期，将视为满足岗位持证要求" in read
        assert "欧阳文澜 100001" in read and "陆知秋 100002" in read and "林见鹿" not in read
    kept = JournalEntry.objects.get(action="certificates.change_track").payload["after"]["impact"]
    assert "1 人处于宽限期，将视为满足岗位持证要求。" in kept and "欧阳文澜" not in str(kept)
    assert CertificationTrack.objects.get().grace_counts


def test_ending_what_posts_are_asked_says_who_is_freed(client, first, second, branches, track):
    """Who holds the level is asked nothing by it, and who is asked for it by their line stays asked."""
    holder, lacking = person("100001", "欧阳文澜", branches["BJ01"]), person("100002", "陆知秋", branches["SH01"])
    held_by(holder, track, days=200)
    position_requirement = PositionRequirement.objects.create(
        position=position(), level=track.level, effective_from=timezone.localdate() - timedelta(days=30)
    )
    client.force_login(first)
    page = client.get(reverse("position_requirements:end", args=[position_requirement.pk])).text
    assert "应持证 2 人：1 人已持有 CM1，1 人尚未持有" in page and "1 人不再要求取得" in page
    assert "陆知秋 100002" in page and "欧阳文澜" not in page

    client.post(reverse("position_requirements:end", args=[position_requirement.pk]), {"reason": "文件"})
    client.force_login(second)
    assert "陆知秋 100002" in client.get(reverse("proposals:decide", args=[Proposal.objects.get().pk])).text
    PositionRequirement.objects.create(
        line="retail", level=track.level, effective_from=timezone.localdate() - timedelta(days=30)
    )
    said = " ".join(ending_foreseen(position_requirement, timezone.localdate()).lines)
    assert "另有 1 人按其他岗位持证要求仍须取得（CM1）" in said and "不再要求" not in said
    approve(Proposal.objects.get(), second)
    kept = JournalEntry.objects.get(action="certificates.end_requirement").payload["after"]["impact"]
    assert lacking.staff_number not in str(kept) and "1 人不再要求取得" in str(kept)


def test_a_change_whose_thing_changed_meanwhile_does_nothing(client, first, second, track):
    client.force_login(first)
    client.post(reverse("tracks:edit", args=[track.pk]), {**fields_of(track), "active_months": 36})
    CertificationTrack.objects.update(active_months=24)

    with pytest.raises(RuleViolation):
        approve(Proposal.objects.get(), second)

    assert CertificationTrack.objects.get().active_months == 24
    assert Proposal.objects.get().state == Proposal.State.WAITING


def test_alone_a_track_is_changed_at_once(client, first, track):
    client.force_login(first)
    client.post(reverse("tracks:edit", args=[track.pk]), {**fields_of(track), "active_months": 36})

    assert CertificationTrack.objects.get().active_months == 36 and not Proposal.objects.exists()


def version_of(track, start, *kinds) -> dict:
    rows = {}
    for number, kind in enumerate(kinds):
        row = {"kind": kind, "phase": "pass", "purpose": "first", "active": "on", "lasts": "once", "group_needs": 1}
        rows |= {f"requirements-{number}-{name}": value for name, value in {**row, "ORDER": number + 1}.items()}
    return {
        "track": track.pk,
        "effective_from": start.isoformat(),
        "note": "新规",
        "requirements-TOTAL_FORMS": len(kinds),
        "requirements-INITIAL_FORMS": 0,
        **rows,
    }


def test_requirements_of_a_level_are_set_by_two(client, first, second, outside, track):
    start = timezone.localdate() + timedelta(days=10)
    client.force_login(first)
    previewed = client.post(reverse("rules:add"), version_of(track, start, "no_ban", "recommendation"))
    assert RuleVersion.objects.count() == 1 and not Proposal.objects.exists()
    client.post(previewed.url, {"do": "save"})

    assert RuleVersion.objects.count() == 1
    proposal = Proposal.objects.get()
    with pytest.raises(RuleViolation):
        approve(proposal, outside)
    client.force_login(second)
    page = client.get(reverse("proposals:decide", args=[proposal.pk])).text
    assert "推荐" in page and "新规" in page
    approve(proposal, second)

    made = RuleVersion.objects.get(number=2)
    assert made.effective_from == start and made.recorded_by == second
    assert [requirement.kind for requirement in made.requirements.all()] == ["no_ban", "recommendation"]
    assert JournalEntry.objects.filter(action="certificates.change_rules", actor=second).count() == 1


def test_a_post_is_asked_and_let_go_by_two(client, first, second, outside, track, branches):
    today = timezone.localdate()
    data = {"position": position().pk, "level": track.level_id, "within_days": 90, "effective_from": today.isoformat()}
    client.force_login(first)
    client.post(reverse("position_requirements:add"), data)
    assert not PositionRequirement.objects.exists()
    proposal = Proposal.objects.get()
    with pytest.raises(RuleViolation):
        approve(proposal, outside)

    approve(proposal, second)
    position_requirement = PositionRequirement.objects.get()
    assert position_requirement.within_days == 90

    client.post(reverse("position_requirements:end", args=[position_requirement.pk]), {"reason": "取消"})
    assert PositionRequirement.objects.current().get().effective_until is None
    ending = Proposal.objects.get(state=Proposal.State.WAITING)
    assert ending.reason == "取消"
    approve(ending, second)
    assert not PositionRequirement.objects.current().filter(effective_until=None).exists()


def test_it_waits_for_whom_the_decision_would_not_refuse_and_names_nobody_to_others(
    client, first, second, outside, track, branches
):
    """The tile, the list and the proposal's page say one thing."""
    person("100002", "陆知秋", branches["BJ01"])
    today = timezone.localdate()
    data = {"position": position().pk, "level": track.level_id, "within_days": 90, "effective_from": today.isoformat()}
    client.force_login(first)
    told = client.post(reverse("position_requirements:add"), data).text
    assert not Proposal.objects.exists() and "再次点击下方按钮即提交复核" in told
    client.post(reverse("position_requirements:add"), data)
    proposal = Proposal.objects.get()
    for text in ("应持证 1 人", f"须于 {today + timedelta(days=90)}（含当日）前取得", "将发出 1 条通知"):
        assert text in told

    for viewer, waits in ((second, 1), (outside, 0), (first, 0)):
        client.force_login(viewer)
        (tile,) = [item for item in client.get("/cms/").context["waiting"] if "待您复核" in item.words] or [None]
        assert (tile.count if tile else 0) == waits
        listing = client.get(reverse("proposals:index") + "?state=mine")
        assert len(listing.context["page_obj"].object_list) == waits
        page = client.get(reverse("proposals:decide", args=[proposal.pk])).text
        assert "应持证 1 人" in page and ("陆知秋" in page) == (viewer != outside)
    client.force_login(second)
    assert "将发出 1 条通知" in client.get(reverse("proposals:decide", args=[proposal.pk])).text


def test_who_holds_the_post_does_not_let_it_go(client, first, second, track, branches):
    post_person(
        person=second,
        branch=branches["HO"],
        position=position(),
        effective_from=timezone.localdate(),
        now=timezone.now(),
        actor=None,
    )
    data = {
        "position": position().pk,
        "level": track.level_id,
        "within_days": 90,
        "effective_from": timezone.localdate().isoformat(),
    }
    client.force_login(first)
    # The form says first how many notices it sends.
    client.post(reverse("position_requirements:add"), data)
    client.post(reverse("position_requirements:add"), data)

    # Nobody but one who profits is left, so one is enough.
    assert PositionRequirement.objects.exists() and not Proposal.objects.exists()


def test_settings_of_a_course_that_counts_are_changed_by_two(client, branches, track):
    author = person("200001", "宋知远", branches["BJ"], roles=[Role.TRAINER])
    second = person("200002", "秦守诚", branches["SH"], roles=[Role.REVIEWER])
    course = course_of("asked")
    Requirement.objects.create(rule_version=RuleVersion.objects.get(), kind="course", course=course)
    client.force_login(author)
    data = {
        "topic": "",
        "hours": "9",
        "hours_reason": "另有作业",
        "days_needed": course.days_needed,
        "quizzes-count": "0",
    }
    answer = client.post(reverse("course_admin:edit", args=[course.pk]), data, follow=True)

    assert Course.objects.get().hours == course.hours
    proposal = Proposal.objects.get()
    assert "第二人" in answer.text
    with pytest.raises(RuleViolation):
        approve(proposal, author)
    approve(proposal, second)
    assert Course.objects.get().hours == 9
    assert JournalEntry.objects.get(action="courses.change_settings").actor == second


def test_hours_that_hr_sets_of_a_course_that_counts_wait_for_whoever_keeps_courses(client, branches, track):
    trainer = person("200001", "宋知远", branches["HO"], roles=[Role.TRAINER])
    course = course_of("asked")
    Requirement.objects.create(rule_version=RuleVersion.objects.get(), kind="course", course=course)
    client.force_login(person("300001", "顾行舟", branches["HO"], roles=[Role.HR]))
    address = reverse("course_hours:edit", args=[course.pk])

    assert "须经他人复核后生效" in client.get(address).text
    client.post(address, {"hours": "9", "hours_reason": "另有作业", "hours_from": ""})

    assert Course.objects.get().hours == course.hours
    approve(Proposal.objects.get(), trainer)
    stored = Course.objects.get()
    assert (stored.hours, stored.hours_reason, stored.days_needed) == (9, "另有作业", course.days_needed)
