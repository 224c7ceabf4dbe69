"""How far a role reaches: who reads one part of the bank and acts in another changes nothing in the first."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from academy.decisions.four_eyes import decision_refusal
from academy.importing.kinds import FILE_KINDS, Context
from academy.importing.kinds.staff import StaffFile
from academy.importing.runs import import_branches_of
from academy.models import FailedSignIn, JournalEntry, Proposal, Role, RoleGrant, User
from academy.staff.access import may_see_record_of
from academy.staff.people import post_person
from academy.staff.roles import grant_role
from academy.staff.sign_in import give_first_password
from quizzes.hall.results import rule_seat
from quizzes.models import Candidate, ExamSession, Quiz
from quizzes.viewsets.session_page import RuleViolation
from tests.cast import bank, person, position
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = pytest.mark.django_db
CODE = re.compile(r"<code>([a-z0-9-]{14})</code>")
PASSWORD = "a-long-password"


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def mixed(branches, client):
    """HR of Beijing, who also audits Shanghai: a reader there."""
    found = person("300001", "苏映雪", branches["BJ"], roles=[Role.HR])
    today = timezone.localdate()
    grant_role(
        person=found,
        role=Role.AUDITOR,
        branch=branches["SH"],
        now=timezone.now(),
        actor=None,
        effective_from=today - timedelta(days=1),
        effective_until=today + timedelta(days=30),
    )
    client.force_login(found)
    return found


@pytest.fixture
def far(branches):
    return person("100099", "林一舟", branches["SH01"])


def session_in(branch) -> ExamSession:
    now = timezone.now()
    return ExamSession.objects.create(
        quiz=quiz_of(bank_of(2), 2, kind=Quiz.Kind.EXAM, code=f"exam-{branch.code.lower()}"),
        branch=branch,
        name="早场",
        room="1",
        starts_at=now + timedelta(hours=1),
        ends_at=now + timedelta(hours=2),
        late_minutes=10,
        seats=5,
    )


def context_of(actor: User, **extra) -> Context:
    today = timezone.localdate()
    return Context(now=timezone.now(), today=today, actor=actor, branches=import_branches_of(actor, today), **extra)


def test_a_reader_of_another_part_takes_no_account_there(client, mixed, far, branches):
    FailedSignIn.objects.create(person=far, address="10.1.1.1", at=timezone.now())
    pages = [
        client.post(f"/cms/users/first-passwords/?{asked}").content.decode()
        for asked in (f"person={far.pk}", "branch=SH01&again")
    ]
    client.post(reverse("wagtailusers_users:unlock", args=[far.pk]))

    assert [CODE.findall(page) for page in pages] == [[], []]
    assert User.objects.get(pk=far.pk).check_password(PASSWORD)
    assert FailedSignIn.objects.filter(person=far).exists()


def test_a_readers_files_end_and_change_nobody_there(mixed, far):
    kind = StaffFile(context_of(mixed, complete=True))

    assert far.pk not in kind._gone()
    assert FILE_KINDS["leave"](context_of(mixed))._hidden([far.pk]) == {far.pk}


def test_a_reader_cancels_no_session_there(client, mixed, branches):
    theirs, own = session_in(branches["SH01"]), session_in(branches["BJ01"])
    for session in (theirs, own):
        client.post(reverse("exam_sessions:session", args=[session.pk]), {"do": "cancel", "reason": "停电"})
        session.refresh_from_db()

    assert theirs.cancelled_at is None
    assert own.cancelled_at is not None


def test_nobody_rules_about_their_own_seat(mixed, branches):
    candidate = Candidate.objects.create(session=session_in(branches["BJ01"]), person=mixed, seat="1")

    with pytest.raises(RuleViolation):
        rule_seat(kind="deferred", candidate=candidate, reason="有事", actor=mixed, now=timezone.now())


@pytest.mark.parametrize(("role", "place"), [(Role.ADMINISTRATOR, "HO"), (Role.AUDITOR, "BJ01")])
def test_the_role_of_who_watches_is_not_ended_by_whom_they_watch(client, branches, role, place):
    client.force_login(person("300001", "苏映雪", branches["HO" if place == "HO" else "BJ"], roles=[Role.HR]))
    watcher = person("600001", "审计", branches[place], roles=[role])

    client.post(reverse("role_grants:end", args=[RoleGrant.objects.get(person=watcher).pk]), {"reason": "x"})

    assert RoleGrant.objects.current().in_force(timezone.localdate()).filter(person=watcher).exists()


def test_a_granted_role_answers_with_a_page(client, branches):
    client.force_login(person("300001", "苏映雪", branches["BJ"], roles=[Role.HR]))
    person("100031", "谢长宁", branches["BJ01"])

    answer = client.post(
        reverse("role_grants:add"),
        {
            "staff_number": "100031",
            "role": "trainer",
            "branch": branches["BJ01"].pk,
            "effective_from": str(timezone.localdate()),
            "effective_until": "",
            "deputy_of": "",
        },
    )

    assert answer.status_code == 302


def test_a_deputy_stands_in_within_the_branch_of_the_grant(branches, far):
    today, now = timezone.localdate(), timezone.now()
    leads, mate = person("400001", "贺兰", branches["BJ01"]), person("100001", "欧阳文澜", branches["BJ01"])
    near = person("100002", "谢长宁", branches["BJ01"])
    for member, branch in ((far, "SH01"), (near, "BJ01")):
        post_person(
            person=member,
            branch=branches[branch],
            position=position(),
            effective_from=today,
            now=now,
            actor=None,
            manager=leads,
        )
    grant_role(
        person=mate,
        role=Role.LINE_MANAGER,
        branch=branches["BJ"],
        now=now,
        actor=None,
        effective_from=today,
        effective_until=today + timedelta(days=9),
        deputy_for=leads,
    )

    assert may_see_record_of(mate, near, today)
    assert not may_see_record_of(mate, far, today)


@pytest.mark.parametrize("hand", ["role", "password"])
def test_an_account_in_the_proposers_hand_is_no_second_person(branches, hand):
    today, now = timezone.localdate(), timezone.now()
    first = person("300001", "苏映雪", branches["BJ"], roles=[Role.HR])
    second = person("300002", "沈清", branches["BJ"], roles=[Role.HR] if hand == "password" else [])
    learner = person("100001", "欧阳文澜", branches["BJ01"])
    proposal = Proposal.objects.create(action="quizzes.ban", proposed_by=first, proposed_at=now, reason="x", facts={})
    proposal.people.add(learner)
    if hand == "password":
        assert decision_refusal(proposal=proposal, actor=second, on=today) is None
        give_first_password(person=second, now=now, actor=first)
    else:
        grant_role(person=second, role=Role.HR, branch=branches["BJ"], now=now, actor=first, effective_from=today)

    assert decision_refusal(proposal=proposal, actor=User.objects.get(pk=second.pk), on=today)


def test_codes_of_the_second_factor_cannot_be_guessed(branches):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    client, guarded = Client(), person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
    TOTP.activate(guarded, generate_totp_secret())
    client.post(reverse("account_login"), {"login": "300001", "password": PASSWORD})
    pages = [client.post(reverse("mfa_authenticate"), {"code": f"{number:06}"}).content for number in range(7)]

    # After five tries the answer is another one, and no code is looked at.
    assert pages[5] != pages[0] or pages[6] != pages[0]
    assert "_auth_user_id" not in client.session


def test_an_address_is_changed_within_reach_and_journalled(client, branches):
    client.force_login(person("300001", "苏映雪", branches["BJ"], roles=[Role.HR]))
    near, boss = person("100001", "欧阳文澜", branches["BJ01"]), person("300009", "沈清", branches["BJ01"])
    grant_role(person=boss, role=Role.HR, branch=branches["HO"], now=timezone.now(), actor=None)
    for member in (near, boss):
        client.post(
            reverse("wagtailusers_users:edit", args=[member.pk]),
            {
                "display_name": member.display_name,
                "email": f"new{member.pk}@bank.example",
                "language": "",
                "is_active": "on",
            },
        )

    assert User.objects.get(pk=near.pk).email == f"new{near.pk}@bank.example"
    assert not User.objects.get(pk=boss.pk).email
    entry = JournalEntry.objects.get(action="academy.change_email")
    assert (entry.person, entry.payload["after"]) == (near, {"email": f"new{near.pk}@bank.example"})
