"""A person's certification in time, as HR and auditors see it: picture and table say the same."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.models import AccessLog, Leave, Role
from certificates.award.all_met import award_all_met
from certificates.deciding.plan import EXTEND, REVOKE
from certificates.models import Requirement
from certificates.register.lifeline import lifeline_of, rows_of
from tests.cast import person
from tests.certificates.deciding.scenes import TODAY, World

pytestmark = pytest.mark.django_db


def address(who):
    return reverse("register:person", args=[who.pk])


def said(world, kind):
    return [row for row in rows_of(lifeline_of(world.learner, TODAY())) if row["kind"] == kind]


def test_levels_evidence_and_decisions_stand_on_one_axis(client):
    world = World()
    world.learns(world.learner, 0)
    world.holds(world.learner, world.cm1)
    proposal = world.decide(EXTEND, until=TODAY() + timedelta(days=400), reason="支援分行")
    client.force_login(world.hr)

    page = client.get(address(world.learner))

    text = page.content.decode()
    assert text.count('class="lifeline__shape lifeline__shape--held"') == 2  # the bar, and its sample in the key
    assert f'href="{reverse("proposals:decide", args=[proposal.pk])}"' in text
    assert str(world.courses[0]) in text
    drawn = [shape for lane in page.context["picture"].lanes for shape in lane.shapes]
    assert len(drawn) == len(page.context["rows"]) >= 4


def test_an_extension_moves_the_bar_and_a_revocation_cuts_it():
    world = World()
    world.holds(world.learner, world.cm1)
    later = TODAY() + timedelta(days=400)
    world.decide(EXTEND, until=later)
    assert [row["last"] for row in said(world, "held")] == [later]

    world.decide(REVOKE)

    assert [row["last"] for row in said(world, "held")] == [TODAY() - timedelta(days=1)]
    assert [row["first"] for row in said(world, "ended")] == [TODAY()]


def test_grace_follows_the_last_valid_day():
    world = World()
    world.cm1.grace_days = 90
    world.cm1.save()
    held = world.holds(world.learner, world.cm1, through=10)

    (grace,) = said(world, "grace")
    assert grace["first"] == held.valid_through + timedelta(days=1)
    assert grace["last"] == held.valid_through + timedelta(days=90)


def test_leave_is_shown_and_does_not_stretch_the_axis():
    world = World()
    world.holds(world.learner, world.cm1)
    begun = TODAY() - timedelta(days=3000)
    Leave.objects.create(
        person=world.learner, kind="study", effective_from=begun, effective_until=begun + timedelta(days=30)
    )

    assert [row["first"] for row in said(world, "leave")] == [begun]


def test_who_has_nothing_is_told_so_and_an_auditor_is_noted(client):
    world = World()
    auditor = person("600001", "严慎行", world.branches["HO"], roles=[Role.AUDITOR])
    client.force_login(auditor)

    assert client.get(address(world.learner)).status_code == 200
    assert AccessLog.objects.filter(person=auditor, about=f"academy.user:{world.learner.pk}").exists()


def test_a_branch_sees_its_own_people_only(client):
    world = World()
    client.force_login(person("300002", "沪人事", world.branches["SH"], roles=[Role.HR]))

    assert client.get(address(world.foreign)).status_code == 200
    assert client.get(address(world.learner)).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_queries_do_not_grow_with_the_rows(rows, django_assert_num_queries):
    world = World()
    world.learns(world.learner, *range(rows))
    for track in (world.cm1, world.cm2)[:rows]:
        world.holds(world.learner, track)

    with django_assert_num_queries(21):
        rows_of(lifeline_of(world.learner, TODAY()))


def test_the_certificate_leads_to_the_decisions_behind_it(client):
    world = World()
    held = world.holds(world.learner, world.cm1)
    proposal = world.decide(EXTEND, until=TODAY() + timedelta(days=400))
    client.force_login(person("600001", "严慎行", world.branches["HO"], roles=[Role.AUDITOR]))

    text = client.get(reverse("register:certificate", args=[held.certificates.get().pk])).content.decode()

    assert reverse("proposals:decide", args=[proposal.pk]) in text
    assert address(world.learner) in text


def kinds(world, day=None) -> list[str]:
    """What kind of evidence each course is on a day, the first completed first; years of hours are left out."""
    rows = rows_of(lifeline_of(world.learner, day or TODAY()))
    return [row["kind"] for row in rows if row["mark"] and row["kind"] in ("evidence", "refused", "expired")]


def test_evidence_that_a_revocation_refused_does_not_count():
    world = World()
    world.learns(world.learner, 0, ago=9)
    world.learns(world.learner, 1)
    award_all_met(person=world.learner, now=timezone.now())

    world.decide(REVOKE, grounds=(world.course(0),))

    assert kinds(world) == ["refused", "evidence"]


def test_evidence_older_than_every_requirement_asks_no_longer_counts():
    world = World()
    world.learns(world.learner, 0, ago=100)
    assert kinds(world) == ["evidence"]

    Requirement.objects.filter(course=world.courses[0]).update(lasts="within", lasts_months=2)

    assert kinds(world) == ["expired"]
    assert kinds(world, TODAY() - timedelta(days=60)) == ["evidence"]


def test_an_auditor_looks_as_of_a_past_day(client):
    world = World()
    world.learns(world.learner, 0, ago=40)
    world.learns(world.learner, 1)
    world.holds(world.learner, world.cm1, since=50)
    world.decide(REVOKE)
    client.force_login(person("600001", "严慎行", world.branches["HO"], roles=[Role.AUDITOR]))
    past = TODAY() - timedelta(days=30)

    now, then, before = (
        client.get(address(world.learner), {"on": day.isoformat()})
        for day in (TODAY(), past, past - timedelta(days=30))
    )
    wrong = [client.get(address(world.learner), {"on": day}) for day in ("2026-13-01", "2199-01-01")]

    said = [{row["kind"] for row in page.context["rows"]} for page in (now, then, before)]
    assert [{"ended", "held"} & one for one in said] == [{"ended", "held"}, {"held"}, set()]
    assert str(world.courses[0]) in then.content.decode()
    assert str(world.courses[1]) not in then.content.decode()
    assert f'value="{past.isoformat()}"' in then.content.decode()
    assert all("context" not in vars(page) or "rows" not in (page.context or {}) for page in wrong)
    assert "该日期尚未到来" in wrong[1].content.decode()
