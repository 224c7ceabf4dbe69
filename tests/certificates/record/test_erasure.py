"""Erasing a person's data after the term: the name is gone from the whole database, the proof stays."""

import json
import re
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.urls import reverse
from django.utils import timezone

from academy.decisions.four_eyes import WAITS, decide_proposal
from academy.doors import person_erasures
from academy.errors.refusals import RuleViolation
from academy.journal import find_broken_link, prove_journal, record, seal_entries
from academy.models import (
    Erasure,
    FormerStaffNumber,
    ImportLine,
    ImportRun,
    JournalEntry,
    Leave,
    Notice,
    Proposal,
    Role,
    User,
)
from academy.notices.inbox import notify
from academy.person_record.coverage import KEPT_TEXTS, texts_about_people
from academy.person_record.erasing import erase_person, preview, propose_erasure
from academy.person_record.naming import Marks
from academy.person_record.retention import due_for_erasure, erasable_from, tell_who_is_due
from academy.staff.people import HIRE, end_employment, rename_person
from certificates.award.awarding import import_history, revoke_certification
from certificates.document import storage
from certificates.document.issuing import issue_certificate, render_waiting
from certificates.models import Certificate, Certification
from certificates.register.rows import RegisterQuery, certificates_asked, rows_of_certificates
from quizzes.models import Answer, Attempt, PracticeDay, QuestionVersion
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, quiz_of
from tests.test_costs import track

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.both]
NAME, MAIDEN, NUMBER, FORMER, MAIL = "欧阳文澜", "欧阳文岚", "100001", "B-7731", "ouyang@bank.example"
SECRET = "我叫小澜，家住望京"


@pytest.mark.parametrize(
    ("left_on", "first"),
    [
        (date(2016, 11, 23), date(2026, 11, 24)),
        (date(2016, 12, 31), date(2027, 1, 1)),
        # 29 February is the first day not worked, and 2026 has none.
        (date(2016, 2, 28), date(2026, 3, 1)),
        (date(2016, 2, 29), date(2026, 3, 1)),
    ],
)
def test_the_term_is_counted_in_calendar_years(left_on, first):
    assert erasable_from(left_on, 10) == first


def test_a_name_inside_a_longer_one_and_a_number_inside_a_longer_one_stay():
    marks = Marks(1, names=("王伟", "Li"), numbers=("1001",), alone=False)

    assert marks.hidden("王伟 1001 and 10012", tied=False) == "*** *** and 10012"
    assert marks.hidden({"who": "王伟", "to": ["A-1001", "Lily", "1001"]}, tied=False) == {
        "who": "王伟",
        "to": ["A-1001", "Lily", "***"],
    }
    assert marks.hidden("Li asks Lily", tied=True) == "*** asks Lily"


def test_every_text_about_people_is_emptied_or_kept_with_a_reason():
    steps = person_erasures(User(pk=1, staff_number=NUMBER), Marks(1, (NAME,), (NUMBER,), alone=True))
    reached = {field for step in steps for field in step.reaches}
    texts = set(texts_about_people())

    assert sorted(text for text in texts - reached - set(KEPT_TEXTS) if text.rpartition(".")[0] not in reached) == []
    assert sorted(set(KEPT_TEXTS) - texts) == []
    assert len({step.code for step in steps}) == len(steps)


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def hr(branches):
    return person("300001", "苏映雪", branches["HO"], roles=[Role.HR])


@pytest.fixture
def checker(branches):
    return person("300003", "钟礼安", branches["HO"], roles=[Role.HR])


@pytest.fixture
def colleague(branches):
    return person("100002", "林见鹿", branches["BJ01"])


def left(branches, *, days: int = 1) -> User:
    """Somebody whose term is over since so many days, named wherever the house lets people be named."""
    today, now = timezone.localdate(), timezone.now()
    last = today.replace(year=today.year - 10) - timedelta(days=days)
    one = person(NUMBER, MAIDEN, branches["BJ01"], posted=last - timedelta(days=400), email=MAIL)
    rename_person(person=one, display_name=NAME, now=now, actor=None, reason="married")
    FormerStaffNumber.objects.create(number=FORMER, person=one, until=last - timedelta(days=200))
    Leave.objects.create(
        person=one, kind=Leave.Kind.ILLNESS, effective_from=last - timedelta(days=90), effective_until=last
    )
    end_employment(person=one, last_day=last, now=now, actor=None, reason=f"{NAME} retires")
    one.refresh_from_db()
    return one


def erased(people, *, maker, checker) -> list[Erasure]:
    proposal = propose_erasure(people=people, reason="the term is over", actor=maker, now=timezone.now())
    assert proposal.state == Proposal.State.WAITING
    decide_proposal(proposal=proposal, approve=True, note="", actor=checker, now=timezone.now())
    return [
        erase_person(erasure_id=erasure.pk, now=timezone.now()) for erasure in Erasure.objects.filter(proposal=proposal)
    ]


def found_in_database(*needles: str) -> list[str]:
    """Every column of text of every table, searched as it is stored; digests say nothing, whatever digits they hold."""
    found = []
    forms = {form for needle in needles for form in (needle, json.dumps(needle)[1:-1])}
    digest = re.compile(r"\b[0-9a-f]{32,}\b")
    for model in apps.get_models(include_auto_created=True):
        fields = [
            field
            for field in model._meta.local_concrete_fields
            if isinstance(field, models.CharField | models.TextField | models.JSONField)
        ]
        if not fields or model._meta.proxy:
            continue
        with connection.cursor() as cursor:
            columns = ", ".join(f"CAST({connection.ops.quote_name(field.column)} AS TEXT)" for field in fields)
            cursor.execute(f"SELECT {columns} FROM {connection.ops.quote_name(model._meta.db_table)}")
            for row in cursor.fetchall():
                found += [
                    f"{model._meta.label}.{field.name}: {value}"
                    for field, value in zip(fields, row, strict=True)
                    if value and any(form in digest.sub("", value) for form in forms)
                ]
    return found


def test_nothing_names_the_person_and_the_proof_stays(
    branches, hr, checker, colleague, client, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.PRIVATE_ROOT = tmp_path
    now, today = timezone.now(), timezone.localdate()
    one = left(branches)
    days = (today - timedelta(days=5000), today + timedelta(days=300))
    certification = import_history(
        person=one, track=track(), awarded_on=days[0], valid_through=days[1], now=now, actor=None
    )
    certificate = Certificate.objects.filter(certification=certification).first() or issue_certificate(
        certification=certification, now=now
    )
    render_waiting(now=now)
    certificate.refresh_from_db()
    revoke_certification(certification=certification, reason=f"{NAME} asked for it", now=now, actor=hr)
    attempt = Attempt.objects.create(
        quiz=quiz_of(bank_of(2), 2),
        learner=one,
        occasion="x",
        number=1,
        state="finished",
        language="zh-hans",
        paper=[],
        pass_mark=60,
        mark=1,
        max_mark=2,
        passed=False,
        finished_at=now,
    )
    chosen, written = QuestionVersion.objects.all()[:2]
    QuestionVersion.objects.filter(pk=written.pk).update(type="essay")
    Answer.objects.create(attempt=attempt, slot=1, version=chosen, response={"chosen": "a"}, mark=1)
    Answer.objects.create(attempt=attempt, slot=2, version=written, response={"text": SECRET}, mark=0)
    PracticeDay.objects.create(person=one, day=today, places=[])
    notify(
        person=colleague,
        kind=WAITS,
        event="x",
        now=now,
        facts={"action": {"en": "x"}, "who": NAME, "reason": f"{NUMBER}"},
    )
    with transaction.atomic():
        record(
            HIRE,
            now=now,
            actor=hr,
            about=colleague,
            person=colleague,
            reason=f"instead of {NAME}",
            after={"people": [NUMBER, "100002"]},
        )
    run = ImportRun.objects.create(kind="staff", file_name=f"{NAME}.xlsx", digest="0", size=1, started_by=hr)
    ImportLine.objects.create(
        run=run, part=1, row=2, outcome="changed", key=FORMER, name=MAIDEN, details=[["工号", FORMER, NUMBER]]
    )
    client.force_login(hr)
    client.post(reverse("wagtailusers_users:edit", args=[one.pk]), {"display_name": NAME, "email": MAIL})
    seal_entries(now=now)
    before = found_in_database(NAME, MAIDEN, NUMBER, FORMER, MAIL, SECRET)
    assert len(before) > 15

    def counted() -> tuple:
        question = RegisterQuery(as_of=today, known_as_of=timezone.now())
        rows = rows_of_certificates(question, certificates_asked(question, User.objects.all()))
        return (
            len(rows),
            [(row.status, row.values["证书编号"], row.values["有效期至"]) for row in rows],
            Attempt.objects.count(),
            [(answer.mark, answer.slot) for answer in Answer.objects.order_by("slot")],
            Certification.objects.count(),
            one.postings.current().count(),
            JournalEntry.objects.filter(person=one).count() > 3,
        )

    standing, path, digest = counted(), storage.path_of(certificate.pdf_digest), certificate.pdf_digest
    assert path.exists()
    groups = {group["kind"]: dict(group["lines"]) for group in preview(one)}
    assert found_in_database(NAME, MAIDEN, NUMBER, FORMER, MAIL, SECRET) == before

    with django_capture_on_commit_callbacks(execute=True):
        (erasure,) = erased([one], maker=hr, checker=checker)

    assert not path.exists()
    assert erasure.erased_at is not None
    assert sum(groups["goes"].values()) == sum(erasure.counts[code] for code in ("former_numbers", "practice"))
    assert found_in_database(NAME, MAIDEN, NUMBER, FORMER, MAIL, SECRET) == []
    assert counted() == standing
    one.refresh_from_db()
    assert (one.staff_number, one.display_name, one.email, one.is_active) == (f"erased-{one.pk}", "***", None, False)
    assert Answer.objects.get(slot=1).response == {"chosen": "a"} and Answer.objects.get(slot=2).response is None
    # The chain holds; what is left of an entry about a colleague can still be read.
    seal_entries(now=timezone.now())
    assert find_broken_link() is None
    # No fact that an entry proves is touched by the erasure.
    assert [finding for finding in prove_journal().findings if "is not as journal entry" in finding] == []
    entry = JournalEntry.objects.get(person=colleague, action=HIRE, remains__isnull=False)
    assert entry.remains["after"]["people"] == ["***", "100002"] and entry.reason == "instead of ***"
    # Anybody with the code reads that it was issued, and by its digest that the file is genuine.
    certificate.refresh_from_db()
    page = client.get(f"/verify/{certificate.code}/").content.decode()
    assert certificate.serial in page and digest in page and "保存期满后清除" in page
    assert "***" in client.post(f"/verify/{certificate.code}/", {"holder": "***"}).content.decode()
    assert client.get(f"/certificates/{certificate.code}.pdf").status_code == 404
    assert "erased-" in client.get(reverse("wagtailusers_users:inspect", args=[one.pk])).content.decode()
    assert client.get(reverse("wagtailusers_users:edit", args=[one.pk])).status_code == 404
    # Again changes nothing.
    assert erase_person(erasure_id=erasure.pk, now=timezone.now()).erased_at == erasure.erased_at
    with pytest.raises(RuleViolation):
        propose_erasure(people=[one], reason="again", actor=hr, now=timezone.now())


def test_who_is_due_and_who_decides(branches, hr, colleague, client):
    today = timezone.localdate()
    due, not_yet = left(branches), person("100003", "苗未央", branches["BJ01"], posted=today - timedelta(days=4000))
    end_employment(
        person=not_yet, last_day=today.replace(year=today.year - 10), now=timezone.now(), actor=None, reason=""
    )
    assert list(due_for_erasure(today)) == [due]
    # Nobody else could decide.
    with pytest.raises(RuleViolation, match="复核"):
        propose_erasure(people=[due], reason="over", actor=hr, now=timezone.now())
    checker = person("300003", "钟礼安", branches["HO"], roles=[Role.HR])
    elsewhere = person("300002", "陆明川", branches["SH"], roles=[Role.HR])
    for one in (not_yet, colleague, hr):
        with pytest.raises(RuleViolation):
            propose_erasure(people=[due, one], reason="over", actor=hr, now=timezone.now())
    with pytest.raises(RuleViolation):
        propose_erasure(people=[due], reason=" ", actor=hr, now=timezone.now())
    assert tell_who_is_due(now=timezone.now(), today=today) == tell_who_is_due(now=timezone.now(), today=today) == 1
    assert Notice.objects.filter(person=hr, kind="academy.erasure_due").count() == 1
    client.force_login(elsewhere)
    assert client.get(reverse("wagtailusers_users:erase", args=[due.pk])).status_code == 404
    assert NUMBER not in client.get(reverse("wagtailusers_users:erasure")).content.decode()
    client.force_login(hr)
    assert NUMBER in client.get(reverse("wagtailusers_users:erasure")).content.decode()
    assert "无法撤销" in client.get(reverse("wagtailusers_users:erase", args=[due.pk])).content.decode()

    response = client.post(reverse("wagtailusers_users:erasure"), {"person": [due.pk, colleague.pk], "reason": "over"})

    proposal = Proposal.objects.get()
    assert list(proposal.people.all()) == [due] and response.url.endswith(f"/{proposal.pk}/decide/")
    assert Notice.objects.filter(person=checker, kind=WAITS).exists()
    assert not Notice.objects.filter(person=elsewhere).exists()
    assert list(due_for_erasure(today)) == []
    assert not User.objects.get(pk=due.pk).is_erased


def test_a_fault_on_the_way_leaves_everything_as_it_was(branches, hr, checker, monkeypatch):
    from academy.person_record import erasing

    one = left(branches)
    before = found_in_database(NAME, NUMBER)
    monkeypatch.setattr(erasing, "forget_account", lambda person: 1 / 0)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        erased([one], maker=hr, checker=checker)

    assert found_in_database(NAME, NUMBER) == before
