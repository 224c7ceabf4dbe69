"""Facts changed by SQL: the journal names the row, whatever was done to it and whether the chain holds or not."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from academy.journal import prove_journal, record, seal_entries
from academy.models import CareerLevel, JournalEntry, User
from academy.notices.journal_head import tell_head
from certificates.award.awarding import import_history, revoke_certification
from certificates.document.issuing import render_waiting
from certificates.models import (
    Certificate,
    Certification,
    CertificationEnding,
    CertificationTrack,
    Requirement,
    RuleVersion,
)
from certificates.record.facts import RULES
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.models import Attempt
from tests.cast import bank, person, position
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def track():
    level = CareerLevel.objects.create(code="CM1", rank=1, name="等级一")
    return CertificationTrack.objects.create(code="cm1", name="认证", level=level)


def certify(learner, track):
    today = timezone.localdate()
    return import_history(
        person=learner,
        track=track,
        awarded_on=today - timedelta(days=30),
        valid_through=today + timedelta(days=300),
        now=timezone.now(),
        actor=None,
    )


@pytest.fixture
def facts(branches, track, ground):
    """One of every kind, written by the rules."""
    now = timezone.now()
    learner = person("100001", "欧阳文澜", branches["BJ01"])
    quiz = quiz_of(bank_of(1), 1, kind="exam")
    version = RuleVersion.objects.create(track=track, number=1, effective_from=timezone.localdate(), recorded_at=now)
    Requirement.objects.create(rule_version=version, kind="quiz", quiz=quiz, score=60)
    with transaction.atomic():
        record(RULES, now=now, actor=None, about=version, fact=version)
    certification = certify(learner, track)
    render_waiting(now=now)
    revoke_certification(certification=certification, reason="误发", now=now, actor=None)
    attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=now, seed=1)
    submit_attempt(attempt=attempt, now=now)
    seal_entries(now=now)
    return learner


def test_what_the_rules_wrote_is_proven(facts):
    proof = prove_journal()

    assert proof.holds, proof.findings
    assert (proof.covered, proof.uncovered) == (5, 0)


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Certification, {"valid_through": timezone.localdate() + timedelta(days=3000)}),
        (Certification, {"document_number": "银人〔2026〕1号"}),
        (CertificationEnding, {"effective_on": timezone.localdate() + timedelta(days=9)}),
        (Certificate, {"pdf_digest": "0" * 64}),
        (Certificate, {"snapshot": {"holder_name": "冒名者", "staff_number": "100099", "level_code": "CM5"}}),
        (Certificate, {"snapshot": {"holder_name": "冒名者"}, "erased_at": timezone.now()}),
        (Certificate, {"serial": "CM1-2020-HO-000001"}),
        (Attempt, {"mark": 1}),
        (Attempt, {"passed": True}),
        (Attempt, {"annulled_at": timezone.now()}),
        (RuleVersion, {"effective_from": timezone.localdate() - timedelta(days=400)}),
        (Requirement, {"score": 1}),
    ],
)
def test_a_row_changed_by_sql_is_named(facts, model, change):
    model.objects.update(**change)

    with pytest.raises(CommandError) as refusal:
        call_command("verify_journal")

    row = RuleVersion.objects.get() if model is Requirement else model.objects.get()
    assert f"{row._meta.label_lower} {row.pk} is not as journal entry" in str(refusal.value)
    assert str(refusal.value).count("\n") == 0


def test_of_whom_a_requirement_is_asked_is_proven(facts):
    version, asked = RuleVersion.objects.get(), Requirement.objects.get()
    Requirement.only_positions.through.objects.create(requirement=asked, position=position("teller"))

    (finding,) = prove_journal().findings

    assert f"certificates.ruleversion {version.pk} is not as journal entry" in finding


def test_a_row_deleted_by_sql_is_named(facts):
    ending = CertificationEnding.objects.get()
    CertificationEnding.objects.filter(pk=ending.pk).delete()

    assert f"certificates.certificationending {ending.pk} is gone" in prove_journal().findings[0]


def smuggle(branches, *, cycle, days):
    """A certification that no rule wrote, told to be of so many days ago."""
    other = User.objects.filter(staff_number="100002").first() or person("100002", "谢长宁", branches["BJ01"])
    template = Certification.objects.filter(person__staff_number="100001").get()
    values = {
        name: getattr(template, name)
        for name in ("track", "kind", "awarded_on", "valid_from", "valid_through", "anchor")
    }
    recorded_at = timezone.now() - timedelta(days=days)
    return Certification.objects.create(person=other, cycle=cycle, recorded_at=recorded_at, **values)


def test_a_row_smuggled_in_is_named_and_an_older_one_is_not_covered(facts, branches, track):
    old = smuggle(branches, cycle=1, days=99)
    smuggled = smuggle(branches, cycle=2, days=0)

    proof = prove_journal()

    assert proof.findings == (f"certificates.certification {smuggled.pk} stands in no journal entry.",)
    assert (proof.uncovered, old.pk != smuggled.pk) == (1, True)


def test_after_the_first_daily_pass_a_back_dated_row_is_named_too(facts, branches):
    """The rows from before get an entry each, once; what was smuggled in by then stays a finding."""
    now, today = timezone.now(), timezone.localdate()
    smuggle(branches, cycle=1, days=99)
    early = smuggle(branches, cycle=2, days=0)
    found = []
    for _day in range(2):
        tell_head(now=now, today=today)
        found.append(JournalEntry.objects.count())
    assert found[0] == found[1]
    began = JournalEntry.objects.filter(action="journal.coverage_began").exclude(number=None)
    assert sum(journal_entry.payload["after"]["found"] for journal_entry in began) == 1
    assert began.count() == 13

    late = smuggle(branches, cycle=3, days=99)
    Certification.objects.filter(cycle=1, person=late.person).update(grace_days=999)

    assert set(prove_journal().findings) == {
        f"certificates.certification {early.pk} stands in no journal entry.",
        f"certificates.certification {late.pk} stands in no journal entry.",
        next(finding for finding in prove_journal().findings if "is not as journal entry" in finding),
    }
    began.filter(about="certificates.certification").delete()
    assert "is missing" in prove_journal().findings[0]


def test_coverage_begins_where_nothing_had_an_entry_yet(facts, branches):
    """A bank that comes from before facts had entries at all."""
    JournalEntry.objects.all().delete()
    assert prove_journal().uncovered == 5

    tell_head(now=timezone.now(), today=timezone.localdate())

    proof = prove_journal()
    assert (proof.holds, proof.covered, proof.uncovered) == (True, 5, 0)
    smuggle(branches, cycle=1, days=99)
    assert prove_journal().found == 1


def test_practice_is_no_result(branches, ground):
    learner = person("100001", "欧阳文澜", branches["BJ01"])
    attempt = start_attempt(
        quiz=quiz_of(bank_of(1), 1, kind="practice"), learner=learner, language="en", now=timezone.now(), seed=1
    )
    submit_attempt(attempt=attempt, now=timezone.now())

    assert not JournalEntry.objects.filter(action="quizzes.result").exists()
    assert prove_journal().uncovered == 0


def test_the_proof_costs_the_same_for_one_and_for_three(branches, track):
    found = []
    for number in (1, 2, 3):
        certify(person(f"10000{number}", "谢长宁", branches["BJ01"]), track)
        with CaptureQueriesContext(connection) as captured:
            prove_journal()
        found.append(len(captured))

    assert found[0] == found[2] == 51
