"""Each act about a level: what it does, that it takes two, that it is undone by another, and what it refuses."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from academy.errors.refusals import RuleViolation
from academy.models import JournalEntry, Notice, Proposal, Role
from academy.notices.inbox import read_notices
from certificates.award.awarding import revoke_certification
from certificates.board.facts import asking_on, facts_of
from certificates.deciding.consequences import _states, effects_of
from certificates.models import Certificate, Certification, CertificationTrack, Decision, PositionRequirement
from certificates.register.rows import RegisterQuery, rows_of_certificates
from certificates.rules.judging import judge
from certificates.rules.ladder_words import day_of
from certificates.rules.spans import span_of
from certificates.rules.statuses import Status, status_on
from tests.cast import person, position
from tests.certificates.deciding.scenes import TODAY, World, standing

# One person's facts are one statement; of many each kind is.
STATES = {1: 14, 2: 23, 3: 23}
pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def world():
    return World()


def effects(world, act, *people, **fields):
    return effects_of(
        plan=world.plan(act, fields.pop("track", None), **fields),
        people=people or [world.learner],
        reason="试算",
        actor=world.hr,
        now=timezone.now(),
    )


def test_a_waiver_completes_the_level_once_two_agree_and_says_so(world):
    world.learns(world.learner, 0)
    shown = effects(world, "waive", about=world.course(1)).people[0]
    nothing_yet = (
        Certification.objects.count(),
        Decision.objects.count(),
        JournalEntry.objects.filter(action="certificates.decide").count(),
    )

    proposal = world.propose("waive", about=world.course(1))
    waits = standing(world.cm1)
    world.approve(proposal)

    assert nothing_yet == (0, 0, 0)
    assert any("等级1" in line for line in shown.levels)
    assert shown.documents
    assert waits == []
    assert standing(world.cm1) == ["100001"]
    decision = Decision.objects.get()
    assert decision.proposal == proposal
    assert decision.recorded_by == world.hr
    assert Certification.objects.get().evidence[1]["decided"] == "waive"
    assert Notice.objects.filter(person=world.learner, kind="certificates.decided").count() == 1
    entry = JournalEntry.objects.get(action="certificates.decide")
    assert entry.payload["before"]["certifications"] == 0
    assert entry.payload["after"]["certifications"] == 1


def test_one_decision_for_two_branches_takes_their_numbers_in_one_order(world):
    """Two such decisions at once wait for each other; taken one by one each could hold what the other needs."""
    for one in (world.foreign, world.learner):
        world.learns(one, 0)
    proposal = world.propose("waive", world.foreign, world.learner, about=world.course(1))
    with CaptureQueriesContext(connection) as captured:
        world.approve(proposal)

    said = [query["sql"] for query in captured]
    locked = next(number for number, sql in enumerate(said) if "serialcounter" in sql and "ORDER BY" in sql)
    numbered = next(number for number, sql in enumerate(said) if "DO UPDATE SET last" in sql)
    assert locked < numbered
    assert all(f"CM1-{TODAY().year}-{code}" in said[locked] for code in ("BJ01", "SH01"))
    assert sorted(Certificate.objects.values_list("sequence", flat=True)) == [1, 1]


def test_a_waiver_for_one_award_does_not_outlast_it(world):
    world.learns(world.learner, 0)
    world.decide("waive", about=world.course(1), this_cycle=True)
    held = Certification.objects.get()
    later = held.valid_through + timedelta(days=1)

    judged = judge(person=world.learner, track=world.cm1, today=later)

    assert judged.cycle == 2
    assert [line.met for line in judged.standing.lines if line.decided] == []


def test_a_waiver_ends_on_its_day_and_is_taken_back_by_a_decision(world):
    until = TODAY() + timedelta(days=10)
    world.decide("waive", about=world.course(1), until=until)
    after = judge(person=world.learner, track=world.cm1, today=until + timedelta(days=1))
    waived = judge(person=world.learner, track=world.cm1, today=until)

    world.decide("take_back", decision=Decision.objects.get().pk)

    assert [line.met for line in waived.standing.lines] == [False, True]
    assert [line.met for line in after.standing.lines] == [False, False]
    assert [line.met for line in judge(person=world.learner, track=world.cm1, today=TODAY()).standing.lines] == [
        False,
        False,
    ]
    assert Decision.objects.get().withdrawn_at is not None


def test_the_only_requirement_is_not_waived(world):
    with pytest.raises(RuleViolation, match=r"没有任何要求|Nothing would be left"):
        world.propose("waive", track=world.cm2, about=world.course(2))
    world.decide("waive", about=world.course(0))
    with pytest.raises(RuleViolation, match=r"没有任何要求|Nothing would be left"):
        world.propose("waive", about=world.course(1))
    assert Proposal.objects.filter(state="waiting").count() == 0


def test_earlier_evidence_counts_with_its_own_day(world):
    day = TODAY() - timedelta(days=300)
    world.learns(world.learner, 0)

    world.decide("accept", about=world.course(1), on=day, document_number="行培〔2025〕7号")

    line = Certification.objects.get().evidence[1]
    assert (line["on"], line["decided"]) == (str(day), "accept")
    with pytest.raises(RuleViolation):
        world.propose("accept", world.other, about=world.course(1), on=TODAY() + timedelta(days=1))


@pytest.mark.both
def test_an_extension_moves_the_end_and_not_the_paper(world):
    held = world.holds(world.learner, world.cm2, through=20)
    until = TODAY() + timedelta(days=60)
    known = timezone.now()

    world.decide("extend", track=world.cm2, until=until)

    day = TODAY() + timedelta(days=40)
    assert standing(world.cm2, on=day) == ["100001"]
    held = Certification.objects.get(pk=held.pk)
    assert held.valid_through == TODAY() + timedelta(days=20)
    assert status_on(span_of(held, day), day) == Status.DUE
    certificate = Certificate.objects.select_related("certification").get()
    rows = [
        rows_of_certificates(RegisterQuery(as_of=day, known_as_of=moment), [certificate])[0]
        for moment in (known - timedelta(minutes=1), timezone.now())
    ]
    assert [(row.status, row.through) for row in rows] == [
        (Status.EXPIRED, held.valid_through),
        (Status.DUE, until),
    ]
    world.decide("take_back", track=world.cm2, decision=Decision.objects.get(act="extend").pk)
    assert standing(world.cm2, on=day) == []


def test_more_time_for_what_the_post_asks_moves_the_trainee_s_end_with_it(world):
    CertificationTrack.objects.filter(pk=world.cm1.pk).update(mode="posting")
    PositionRequirement.objects.create(
        position=position(),
        level=world.cm2.level,
        within_days=60,
        effective_from=TODAY() - timedelta(days=400),
        recorded_at=timezone.now(),
    )
    world.holds(world.learner, world.cm1, through=5)
    until = TODAY() + timedelta(days=90)
    before = facts_of([world.learner.pk], TODAY(), asking_on(TODAY()))[world.learner.pk].judged(TODAY())
    posts = " ".join(effects(world, "extend", track=world.cm2, until=until).people[0].posts)
    assert "CM2" in posts and str(position()) in posts and "期限由" in posts and day_of(until) in posts

    world.decide("extend", track=world.cm2, until=until)

    after = facts_of([world.learner.pk], TODAY(), asking_on(TODAY()))[world.learner.pk].judged(TODAY())
    assert (before.cover, after.cover) == ("without", "missing")
    assert after.demands[0].due_on == until
    assert standing(world.cm1, on=until) == ["100001"]


def test_an_award_by_hand_names_what_is_missing(world):
    shown = effects(world, "award", track=world.cm2).people[0]

    world.decide("award", track=world.cm2)

    held = Certification.objects.get()
    assert any("等级2" in line for line in shown.levels)
    assert held.kind == Certification.Kind.BY_HAND
    assert standing(world.cm2) == ["100001"]


def test_a_level_that_was_revoked_comes_back_in_red_by_two_and_never_on_the_refused_evidence(world):
    world.learns(world.learner, 0, 1)
    world.decide("revoke", about="", grounds=(world.course(1),), reason="代考")

    with pytest.raises(RuleViolation, match=r"被撤销|revoked"):
        world.propose("award")
    assert standing(world.cm1) == []
    line = judge(person=world.learner, track=world.cm1, today=TODAY()).standing.lines[1]
    assert not line.met

    with pytest.raises(RuleViolation):
        world.propose("accept", about=world.course(1), on=TODAY() - timedelta(days=30))


def test_what_was_revoked_is_given_again_when_met_anew_by_two_people_only(world):
    world.learns(world.learner, 0, 1)
    world.decide("revoke", reason="资料有误")
    shown = effects(world, "award").people[0]
    assert any("资料有误" in warning for warning in shown.warnings)

    world.leaves_hr_alone()
    with pytest.raises(RuleViolation, match=r"两人|two people"):
        world.propose("award")


def test_a_revocation_from_a_day_is_undone_by_reinstating_without_a_gap(world):
    held = world.holds(world.learner, world.cm2)
    day = TODAY() - timedelta(days=30)
    boss = person("400001", "贺兰舟", world.branches["BJ01"], roles=[Role.LINE_MANAGER])
    world.learner.postings.update(manager=boss)

    (shown,) = effects(world, "revoke", track=world.cm2, on=day).people
    world.decide("revoke", track=world.cm2, on=day, reason="代客操作")
    gone = (standing(world.cm2), standing(world.cm2, on=day - timedelta(days=1)))
    world.decide("reinstate", track=world.cm2, on=day)

    assert gone == ([], ["100001"])
    # Whoever answers for the person hears what ended and from when, and not why.
    (told,) = read_notices(Notice.objects.filter(person=boss), "zh-hans")
    assert told.title == "欧阳文澜的等级2：撤销" and day.isoformat() in told.text and "代客操作" not in told.text
    assert "直属上级将收到通知，不含事由" in shown.lines
    assert standing(world.cm2) == ["100001"]
    again = Certification.objects.get(kind="reinstated")
    assert (again.valid_from, again.valid_through) == (day, held.valid_through)
    assert Certificate.objects.count() == 2


def test_a_downgrade_ends_the_level_without_blame_and_gives_the_lower_one(world):
    held = world.holds(world.learner, world.cm2)

    world.decide("lower", track=world.cm2, lower=world.cm1)

    assert (standing(world.cm2), standing(world.cm1)) == ([], ["100001"])
    held = Certification.objects.get(pk=held.pk)
    assert status_on(span_of(held, TODAY()), TODAY()) == Status.ENDED


def test_who_would_work_without_a_certificate_is_named_before(world):
    PositionRequirement.objects.create(
        position=position(),
        level=world.cm2.level,
        within_days=30,
        effective_from=TODAY() - timedelta(days=400),
        recorded_at=timezone.now(),
    )
    world.holds(world.learner, world.cm2)

    shown = effects(world, "end", track=world.cm2)

    assert [one.person for one in shown.uncovered] == [world.learner]
    assert standing(world.cm2) == ["100001"]
    world.decide("end", track=world.cm2)
    assert standing(world.cm2) == []


def test_a_correction_replaces_the_document(world):
    world.holds(world.learner, world.cm2)

    world.decide("correct", track=world.cm2)

    assert Certificate.objects.filter(superseded_by=None).get().supersedes is not None


def test_whoever_verifies_a_replaced_document_reads_one_verdict(world, client):
    world.holds(world.learner, world.cm2)
    world.decide("correct", track=world.cm2)
    newest = Certificate.objects.get(superseded_by=None)
    shown = [client.get(f"/verify/{one.code}/").content.decode() for one in (newest.supersedes, newest)]

    assert "真实，已换发" in shown[0] and newest.serial in shown[0]
    # The status is one of the level, and it stands on the document that is valid.
    assert "的状态" not in shown[0] and "的状态" in shown[1]


def test_two_decisions_on_one_thing_wait_for_each_other(world):
    world.holds(world.learner, world.cm2)
    first = world.propose("revoke", track=world.cm2)

    with pytest.raises(RuleViolation, match="欧阳文澜"):
        world.propose("end", world.other, world.learner, track=world.cm2)
    world.approve(first)
    with pytest.raises(RuleViolation):
        world.propose("revoke", track=world.cm2)


def test_what_changed_meanwhile_leaves_the_proposal_waiting_and_nothing_half_done(world):
    world.holds(world.learner, world.cm2)
    world.holds(world.other, world.cm2)
    proposal = world.propose("revoke", world.learner, world.other, track=world.cm2)
    revoke_certification(
        certification=Certification.objects.get(person=world.other), reason="先行", now=timezone.now(), actor=world.hr
    )

    with pytest.raises(RuleViolation, match="沈知行"):
        world.approve(proposal)

    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.WAITING
    assert standing(world.cm2) == ["100001"]


def test_what_one_person_took_away_stands_among_the_decisions_too(world, client):
    world.holds(world.learner, world.cm2)
    certification = Certification.objects.get(person=world.learner)
    revoke_certification(certification=certification, reason="代考", now=timezone.now(), actor=world.hr)
    client.force_login(world.hr)
    page = client.get(f"/cms/users/inspect/{world.learner.pk}/").content.decode()
    assert "没有规则以外的决定" not in page and '<span class="help">代考</span>' in page


def test_nobody_decides_what_concerns_themselves(world):
    with pytest.raises(RuleViolation, match=r"本人|themselves"):
        world.propose("award", world.hr, track=world.cm2)


def test_looking_at_consequences_costs_the_same_for_one_person_and_for_three(world, django_assert_num_queries):
    people = [world.learner, world.other, world.foreign]
    for one in people:
        world.holds(one, world.cm2)
    for some in (people[:1], people[:2], people):
        with django_assert_num_queries(STATES[len(some)]):
            _states(some, world.cm2, TODAY())
