"""Whose a screen is: what holds for the whole bank is changed by grants at head office, and read by the others."""

import inspect
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone
from wagtail.admin.viewsets.base import ViewSet
from wagtail.snippets.models import get_snippet_models

from academy.decisions.switching import switch_four_eyes, switch_refusal
from academy.errors.refusals import RuleViolation
from academy.models import CalendarException, CareerLevel, Leave, Role
from academy.models.roles import PEOPLE_ROLES
from academy.staff.access import is_limited
from academy.staff.groups import BANK_WIDE
from academy.staff.roles import end_grant, grant_role
from academy.viewsets.base import HouseViewSet, ReadsInWords, Scope
from certificates.models import CertificateDesign, CertificationTrack, PositionRequirement, RuleVersion
from certificates.posts.asking import require_level
from courses.models import HourQuota, Topic
from quizzes.models import QuestionBank, QuestionCategory
from tests.cast import bank, person, position
from tests.controls import Fields

pytestmark = pytest.mark.django_db
OURS = ("academy", "quizzes", "courses", "certificates")


def viewsets() -> list[type[ViewSet]]:
    """Every viewset of ours that could be registered: the classes that nothing is derived from."""
    get_resolver().url_patterns  # noqa: B018 - loads every hook
    get_snippet_models()
    found, todo = [], [ViewSet]
    while todo:
        one = todo.pop()
        todo += one.__subclasses__()
        if one.__module__.split(".")[0] in OURS and not one.__subclasses__() and getattr(one, "name", "") is not None:
            found.append(one)
    return [one for one in found if not one.__name__.endswith("Group")]


def admin_views(resolver=None, names: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """Every view of ours below /cms/, with the namespaces it stands in."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from admin_views(entry, (*names, entry.namespace) if entry.namespace else names)
        else:
            view = inspect.unwrap(entry.callback)
            if ".viewsets." in view.__module__ and view.__module__.split(".")[0] in OURS:
                yield names, view


def test_rows_are_read_in_words():
    """No True, None or 80.00: whatever a viewset shows of a row goes through the house's words."""
    raw = [
        viewset.__name__
        for viewset in viewsets()
        if getattr(viewset, "inspect_view_enabled", False) and not issubclass(viewset.inspect_view_class, ReadsInWords)
    ]
    assert raw == []


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def holiday():
    return CalendarException.objects.create(
        name="测试", kind="holiday", first_day=date(2027, 1, 1), last_day=date(2027, 1, 3)
    )


def test_every_viewset_and_view_of_the_admin_declares_whose_its_rows_are():
    found = viewsets()
    undeclared = [viewset.__name__ for viewset in found if not isinstance(viewset.__dict__.get("scope"), Scope)]
    assert len(found) > 25 and undeclared == []

    spaces = (
        {viewset.__dict__.get("name") for viewset in found}
        | {
            f"wagtailsnippets_{viewset.model._meta.app_label}_{viewset.model._meta.model_name}"
            for viewset in found
            if getattr(viewset, "model", None)
        }
        | {"wagtailusers_users"}
    )
    alone = {view for names, view in admin_views() if not spaces & set(names)}
    assert [
        f"{one.__module__}.{one.__name__}" for one in alone if not isinstance(getattr(one, "scope", None), Scope)
    ] == []


def test_what_is_declared_bank_wide_is_held_by_head_office_only():
    for viewset in viewsets():
        model = getattr(viewset, "model", None)
        if model is None:
            continue
        kept = {
            f"{model._meta.app_label}.{act}_{model._meta.model_name}" for act in ("add", "change", "delete", "publish")
        }
        assert bool(kept & BANK_WIDE) == (viewset.scope is Scope.BANK), viewset
        assert (
            issubclass(viewset, HouseViewSet) or viewset.scope is not Scope.BANK or viewset.model is CertificateDesign
        )


@pytest.fixture
def rows(holiday):
    """A row of everything that holds for the whole bank."""
    level = CareerLevel.objects.create(code="CM1", name="一级", rank=1, line="retail")
    design = CertificateDesign.objects.create(name="样式", live=True)
    track = CertificationTrack.objects.create(code="T1", name="甲", level=level, design=design)
    rule = RuleVersion.objects.create(track=track, number=1, effective_from=timezone.localdate() + timedelta(days=9))
    quota = HourQuota.objects.create(from_year=2026, hours=30)
    topic = Topic.objects.create(name="题", slug="t")
    banked = QuestionBank.objects.create(name="库", slug="b")
    category = QuestionCategory.objects.create(bank=banked, name="类", slug="c")
    return [holiday, level, design, track, rule, quota, topic, banked, category, position()]


def all_rows(rows) -> list:
    return [list(type(row)._default_manager.order_by("pk").values()) for row in rows]


def address(model, view: str, *args) -> str:
    found = next(one for one in viewsets() if getattr(one, "model", None) is model)
    viewset = getattr(model, "snippet_viewset", None) or found()
    return viewset.menu_url if view == "index" else reverse(viewset.get_url_name(view), args=args)


def changed(data: dict[str, str]) -> dict[str, str]:
    """The form as it stands, with every text another one."""
    other = {"hours": "99", "note": "另一个"}
    return {
        key: other.get(key, f"{value}x" if key in ("name", "slug", "code") else value) for key, value in data.items()
    }


def forms_of(client, rows) -> dict[str, dict[str, str]]:
    """Every bank-wide form as the signed-in person is given it: add, change and delete of each kind."""
    found = {}
    for row in rows:
        for view, args in (("add", ()), ("edit", (row.pk,)), ("delete", (row.pk,))):
            try:
                at = address(type(row), view, *args)
            except Exception:
                continue
            page = client.get(at)
            if page.status_code == 200:
                found[at] = changed(Fields(page.content.decode()).data)
    return found


def test_hr_of_one_branch_changes_nothing_that_holds_for_the_whole_bank(client, branches, rows):
    office = [
        person("300001", "苏映雪", branches["HO"], roles=[Role.HR]),
        person("200001", "宋知远", branches["HO"], roles=[Role.TRAINER]),
    ]
    local = person(
        "300002", "陆明川", branches["SH"], roles=[Role.HR, Role.ADMINISTRATOR, Role.TRAINER, Role.BRANCH_ADMINISTRATOR]
    )
    # Another role at head office is not the one that carries it.
    grant_role(
        person=local,
        role=Role.AUDITOR,
        branch=branches["HO"],
        now=timezone.now(),
        actor=None,
        effective_until=timezone.localdate() + timedelta(days=30),
    )
    asked = {}
    for one in office:
        client.force_login(one)
        asked |= forms_of(client, rows)
    assert len(asked) >= 20
    before = all_rows(rows)

    client.force_login(local)
    for at, data in asked.items():
        shut = client.post(at, data)
        assert shut.status_code in (302, 404), at
        assert client.get(at).status_code in (302, 404), at
    assert all_rows(rows) == before
    for row in rows:
        page = client.get(address(type(row), "index"))
        assert page.status_code == 200 and "总行" in page.content.decode(), type(row)
        assert client.get(address(type(row), "inspect", row.pk)).status_code == 200, type(row)

    moved = set()
    for one in office:
        client.force_login(one)
        for at, data in asked.items():
            client.post(at, data)
        moved |= {index for index, now in enumerate(all_rows(rows)) if now != before[index]}
    assert len(moved) >= 8, "the same forms work for head office"


def test_rules_refuse_what_the_screens_do_not_offer(client, branches, rows):
    local = person("300002", "陆明川", branches["SH"], roles=[Role.HR])
    now, today = timezone.now(), timezone.localdate()
    level, asked = rows[1], {"within_days": 60, "effective_from": today, "position": position(), "now": now}

    for branch in (None, branches["HO"], branches["BJ"]):
        with pytest.raises(RuleViolation):
            require_level(level=level, branch=branch, actor=local, **asked)
    assert require_level(level=level, branch=branches["SH01"], actor=local, **asked).pk
    with pytest.raises(RuleViolation):
        switch_four_eyes(action="quizzes.ban", demanded=False, actor=local, now=now)
    assert switch_refusal(local, today)

    client.force_login(local)
    add = reverse("position_requirements:add")
    client.post(
        add,
        {"position": position().pk, "level": level.pk, "within_days": 1, "effective_from": str(today), "branch": ""},
    )
    client.post(reverse("proposals:switches"), {})
    assert PositionRequirement.objects.count() == 1


def test_a_branch_is_placed_by_who_answers_for_the_one_above(client, branches):
    local = person("300002", "陆明川", branches["SH"], roles=[Role.HR])
    client.force_login(local)

    def sent(branch, parent) -> None:
        data = {
            "kind": branch.kind,
            "name": "改名",
            "name_en": "",
            "parent": parent.pk if parent else "",
            "from_day": str(timezone.localdate()),
        }
        client.post(reverse("branches:edit", args=[branch.pk]), data)
        branch.refresh_from_db()

    for branch, parent in [("SH", "HO"), ("SH", None), ("SH01", "BJ"), ("SH01", None), ("BJ01", "SH")]:
        sent(branches[branch], branches.get(parent))
        assert branches[branch].name != "改名", (branch, parent)
    sent(branches["SH01"], branches["SH"])
    assert branches["SH01"].name == "改名"


def test_a_list_is_limited_unless_the_role_stands_at_head_office_today(branches):
    """An expired grant or another role does not count, a deputy's does while it holds."""
    today, now = timezone.localdate(), timezone.now()
    hr = person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
    local = person("300002", "陆明川", branches["SH"], roles=[Role.HR])
    trainer = person("200001", "宋知远", branches["HO"], roles=[Role.TRAINER])
    grant_role(person=trainer, role=Role.HR, branch=branches["SH"], now=now, actor=None)
    former = person("300003", "钟礼安", branches["HO"], roles=[Role.HR])
    end_grant(grant=former.role_grants.get(), last_day=today - timedelta(days=1), now=now, actor=None, reason="x")
    grant_role(person=former, role=Role.HR, branch=branches["SH"], now=now, actor=None)
    deputy = person("300004", "代岗", branches["SH"], roles=[])
    grant_role(person=deputy, role=Role.HR, branch=branches["HO"], now=now, actor=None, deputy_for=hr)
    admin = person("900001", "管理员", branches["SH"], is_superuser=True)

    limited = {one: is_limited(one, today) for one in (hr, local, trainer, former, deputy, admin)}
    assert limited == {hr: False, local: True, trainer: True, former: True, deputy: True, admin: False}

    Leave.objects.create(person=hr, kind="annual", effective_from=today, recorded_at=now)
    again = type(deputy).objects.get(pk=deputy.pk)
    assert not is_limited(again, today, PEOPLE_ROLES)
    admin.is_active = False
    assert is_limited(admin, today)
