"""Before each step that tells people HR reads how many notices it sends, and it sends as many."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from academy.duties import ahead
from academy.duties.assignments.acts import create_assignment
from academy.duties.assignments.evaluating import evaluate_assignment
from academy.duties.reminding import remind_everybody
from academy.models import Audience, CareerLevel, ImportRun, Notice, Role
from certificates.models import (
    AwardCandidate,
    CertificationTrack,
    PositionRequirement,
    Requirement,
    RuleVersion,
    TrackAssignment,
)
from tests.academy.importing.test_screens import CommittingClient, address, check, staff
from tests.cast import OPENED, bank, person, position

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def client():
    return CommittingClient()


@pytest.fixture
def track(client):
    branches = bank()
    hr = person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
    for number in range(3):
        person(f"00012{number}", "林晚", branches["BJ01"])
    client.force_login(hr)
    level = CareerLevel.objects.create(code="CM2", rank=2, name="高级", name_en="Senior")
    return CertificationTrack.objects.create(code="cm2", name="认证", level=level, award="approval")


def told() -> int:
    remind_everybody(now=timezone.now(), today=timezone.localdate())
    return Notice.objects.filter(person__staff_number__startswith="0001").count()


def said(response) -> int:
    return int(re.search(r"这一步将发出 (\d+) 条通知", response.content.decode())[1])


def audience_of(code: str) -> Audience:
    return Audience.objects.create(name=code, branch=bank()[code], kind="rule")


def test_an_assignment_and_another_audience_say_it(client, track):
    audience = audience_of("SH01")
    address_of_form = "/cms/assignments/track/new/"
    fields = client.get(address_of_form).context["form"]
    form = {field.name: str(field.value()) for field in fields if field.value() not in (None, False)}
    form |= {"track": track.pk, "due_from": "fixed", "due_date": "2027-03-01"}
    shown = client.post("/cms/assignments/track/new/", {**form, "audience": audience_of("BJ").pk})

    assert said(shown) == 3 and not TrackAssignment.objects.exists() and told() == 0
    now = timezone.now()
    begun = create_assignment(
        assignment=TrackAssignment(
            track=track,
            audience=audience,
            effective_from=timezone.localdate(),
            due_from="fixed",
            due_date=timezone.localdate() + timedelta(days=99),
        ),
        now=now,
        actor=None,
    )
    evaluate_assignment(assignment=begun, now=now)
    wider = {"name": "SH01", "branch": bank()["BJ01"].pk, "kind": "rule"}
    changed = client.post(f"/cms/assignments/audiences/{audience.pk}/", wider)
    assert said(changed) == 3 and told() == 0
    client.post(f"/cms/assignments/audiences/{audience.pk}/", {**wider, "save": "1"})
    assert told() == 3


def test_a_requirement_of_a_post_says_it_and_is_set_when_it_is_sent_again(client, track):
    form = {
        "position": position().pk,
        "level": track.level.pk,
        "within_days": "60",
        "effective_from": str(timezone.localdate()),
    }

    first = client.post("/cms/position_requirements/new/", form)
    assert said(first) == 4 and not PositionRequirement.objects.exists()
    other = client.post("/cms/position_requirements/new/", {**form, "within_days": "90"})
    assert said(other) == 4 and not PositionRequirement.objects.exists()
    client.post("/cms/position_requirements/new/", {**form, "within_days": "90"})

    # They hear of it at once, and not with tomorrow's reminders.
    assert PositionRequirement.objects.get().within_days == 90
    assert Notice.objects.filter(person__staff_number__startswith="0001").count() == 3 == told()


def test_a_version_of_the_requirements_says_who_stands_ready_by_it(client, track):
    form = {
        "track": track.pk,
        "effective_from": str(timezone.localdate()),
        "note": "",
        "requirements-TOTAL_FORMS": "1",
        "requirements-INITIAL_FORMS": "0",
        "requirements-MIN_NUM_FORMS": "0",
        "requirements-MAX_NUM_FORMS": "1000",
        "requirements-0-kind": "posted",
        "requirements-0-positions": [position().pk],
        "requirements-0-phase": "pass",
        "requirements-0-purpose": "first",
        "requirements-0-active": "on",
        "requirements-0-lasts": "once",
        "requirements-0-group_needs": "1",
        "requirements-0-ORDER": "1",
    }

    impact = client.post("/cms/rules/new/", form).url
    assert said(client.get(impact)) == 4 and not RuleVersion.objects.exists() and not AwardCandidate.objects.exists()
    assert client.post(impact, {"do": "save"}).status_code == 302

    assert RuleVersion.objects.get().number == 1 and Requirement.objects.count() == 1

    # What could not hold, and what asks for nothing else, is not brought before a second person.
    today = timezone.localdate()
    later, earlier = str(today + timedelta(days=30)), str(today + timedelta(days=19))
    crossed = client.post("/cms/rules/new/", {**form, "effective_from": later, "transition_until": earlier})
    same = client.post("/cms/rules/new/", {**form, "effective_from": later, "note": "不变"})
    assert (crossed.status_code, same.status_code) == (200, 200)
    assert f"早于本版本的生效日 {later}" in crossed.text and "与第 1 版相同" in same.text


def test_the_list_of_whom_to_remind_says_it(client, track):
    PositionRequirement.objects.create(position=position(), level=track.level, within_days=60, effective_from=OPENED)
    form = {"whom": "all", "words": "请本周内完成"}

    shown = client.post("/cms/board/names/?show=urge", form)
    assert said(shown) == 4 and not Notice.objects.filter(kind="certificates.nudge").exists()
    client.post("/cms/board/names/?show=urge", {**form, "sure": "1"})
    assert Notice.objects.filter(kind="certificates.nudge").count() == 4
    assert "这一步不会发出通知" in client.post("/cms/board/names/?show=urge", form).content.decode()


def test_an_import_says_it_before_it_is_confirmed(client, track):
    PositionRequirement.objects.create(position=position(), level=track.level, within_days=60, effective_from=OPENED)
    rows = [f"00019{number},张三,BJ01,零售客户经理,,2026-11-02,,是" for number in range(2)]
    run = check(client, staff(*rows, "000120,林晚晚,BJ01,零售客户经理,,,,是"))

    assert said(client.get(address(run))) == 2 and not Notice.objects.exists()
    client.post(address(run, "confirm/"), {"renamed_all": "1"})
    assert ImportRun.objects.get().state == ImportRun.State.DONE
    told()
    assert Notice.objects.filter(person__staff_number__startswith="00019").count() == 2


def test_of_very_many_some_are_counted_and_the_number_is_about_right(client, track, monkeypatch):
    monkeypatch.setattr(ahead, "AT_MOST", 2)
    form = {
        "position": position().pk,
        "level": track.level.pk,
        "within_days": "60",
        "effective_from": str(timezone.localdate()),
    }

    assert "这一步将发出约 4 条通知" in client.post("/cms/position_requirements/new/", form).content.decode()
