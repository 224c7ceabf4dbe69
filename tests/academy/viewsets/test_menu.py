"""The admin's menu shows each role what its grants allow, and leads nowhere that is closed."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group, Permission
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.admin.menu import Menu, SubmenuMenuItem
from wagtail.users.models import UserProfile

from academy.models import Role, User
from academy.requests.kept.watching import watched_tables
from academy.staff.groups import ensure_groups
from academy.staff.roles import end_grant, grant_role, group_name, sync_changed_groups
from tests.cast import bank, person
from tests.moments import NOW

pytestmark = pytest.mark.django_db
# A page that everybody of the admin has.
ACCOUNT = "/cms/account/"
STAFF = (Role.TRAINER, Role.REVIEWER, Role.EXAM_KEEPER, Role.HR, Role.BRANCH_ADMINISTRATOR, Role.AUDITOR)


# Read for the sidebar though no version follows from them, and why that is right.
READ_WITHOUT = {
    # With every request: who asks, and what Wagtail keeps of them, which stands in the key.
    "academy_user",
    "django_session",
    "wagtailusers_userprofile",
    "academy_factsversion",
    # Rows that the code names: they come with a migration, which voids what is kept.
    "auth_group",
    "auth_permission",
    "django_content_type",
}


def sidebar_of(client, address: str) -> str:
    """All that the sidebar says, as text."""
    page = client.get(address).content.decode()
    found = re.search(r'<script id="wagtail-sidebar-props"[^>]*>(.*?)</script>', page, re.DOTALL)
    return json.dumps(json.loads(found[1]), ensure_ascii=False)


def links_of(client, address: str = "/cms/") -> list[str]:
    """Where the entries of the sidebar lead, those below an entry too."""
    return [link for link in re.findall(r'"(/cms/[^"]*)"', sidebar_of(client, address)) if "logout" not in link]


def tables_read(captured) -> set[str]:
    return {name for query in captured for name in re.findall(r'(?:FROM|JOIN) "(\w+)"', query["sql"])}


@pytest.mark.parametrize("role", STAFF)
def test_every_entry_of_the_menu_opens(client, role):
    client.force_login(person("200001", "宋知远", bank()["HO"], roles=[role]))

    links = links_of(client)
    assert len(links) > 3
    assert {link: client.get(link, follow=True).status_code for link in links} == dict.fromkeys(links, 200)


def test_trainers_find_the_reports_that_their_grants_open(client):
    branches = bank()
    client.force_login(person("200001", "宋知远", branches["HO"], roles=[Role.TRAINER]))
    found = links_of(client)
    assert {"/cms/reports/workflow/", "/cms/reports/workflow_tasks/", "/cms/question_reports/"} <= set(found)
    assert not {"/cms/reports/site-history/", "/cms/reports/page-types-usage/"} & set(found)

    client.force_login(person("300001", "苏映雪", branches["HO"], roles=[Role.HR]))
    assert not [link for link in links_of(client) if link.startswith("/cms/reports/")]


@pytest.fixture
def branches():
    return bank()


def test_who_comes_again_pays_nothing_for_the_sidebar(client, branches):
    client.force_login(person("200001", "宋知远", branches["HO"], roles=[Role.TRAINER]))
    caches["kept"].clear()
    with CaptureQueriesContext(connection) as first:
        sidebar_of(client, "/cms/marking/")
    with CaptureQueriesContext(connection) as again:
        sidebar_of(client, "/cms/marking/")

    assert "wagtailcore_grouppagepermission" in tables_read(first)
    assert tables_read(again) & {"wagtailcore_grouppagepermission", "wagtailcore_page"} == set()


@pytest.mark.parametrize("role", [*STAFF, None])
def test_whatever_the_sidebar_follows_from_raises_a_version(client, branches, role):
    """Fails where an entry begins to ask a table that nobody watches: there the menu would show what is no longer so."""
    found = person("200001", "宋知远", branches["HO"], roles=[role] if role else [])
    if role is None:
        User.objects.filter(pk=found.pk).update(is_superuser=True)
    client.force_login(found)
    caches["kept"].clear()
    with CaptureQueriesContext(connection) as first:
        sidebar_of(client, ACCOUNT)
    assert tables_read(first) - watched_tables() - READ_WITHOUT == set()


def test_another_role_sees_its_own_at_once(client, branches):
    trainer, hr = (
        person(number, "宋知远", branches["HO"], roles=[role])
        for number, role in (("200001", Role.TRAINER), ("300001", Role.HR))
    )
    client.force_login(trainer)
    before = links_of(client, ACCOUNT)
    assert "/cms/register/" not in before and "/cms/question_reports/" in before

    grant = grant_role(person=trainer, role=Role.HR, branch=branches["HO"], now=timezone.now(), actor=None)
    assert {*before, "/cms/register/"} <= set(links_of(client, ACCOUNT))
    end_grant(grant=grant, last_day=timezone.localdate() - timedelta(days=1), reason="x", now=timezone.now(), actor=hr)
    assert links_of(client, ACCOUNT) == before

    client.force_login(hr)
    assert "/cms/question_reports/" not in links_of(client, ACCOUNT)


def test_a_grant_that_ends_by_the_clock_takes_its_entries_along(client, branches):
    with time_machine.travel(NOW, tick=False) as clock:
        trainer = person("200001", "宋知远", branches["HO"], roles=[Role.TRAINER])
        grant_role(
            person=trainer,
            role=Role.HR,
            branch=branches["HO"],
            now=timezone.now(),
            actor=None,
            effective_until=timezone.localdate(),
        )
        client.force_login(trainer)
        assert {"/cms/register/", "/cms/people/"} & set(links_of(client, ACCOUNT))

        clock.shift(timedelta(days=1))
        client.force_login(trainer)
        assert "/cms/register/" not in links_of(client, ACCOUNT)
        # Groups follow in the first minutes of the day.
        sync_changed_groups(today=timezone.localdate())
        assert not {"/cms/register/", "/cms/branches/"} & set(links_of(client, ACCOUNT))


def test_what_a_group_may_is_seen_at_once(client, branches):
    client.force_login(person("200001", "宋知远", branches["HO"], roles=[Role.TRAINER]))
    assert "/cms/question_reports/" in links_of(client, ACCOUNT)

    group = Group.objects.get(name=group_name(Role.TRAINER))
    group.permissions.remove(*Permission.objects.filter(content_type__model="questionreport"))
    assert "/cms/question_reports/" not in links_of(client, ACCOUNT)
    group.page_permissions.all().delete()
    assert "/cms/reports/workflow/" not in links_of(client, ACCOUNT)

    ensure_groups()
    assert {"/cms/question_reports/", "/cms/reports/workflow/"} <= set(links_of(client, ACCOUNT))


def test_name_language_and_picture_are_the_persons_own(client, branches):
    trainer = person("200001", "宋知远", branches["HO"], roles=[Role.TRAINER])
    client.force_login(trainer)
    assert "题库" in sidebar_of(client, ACCOUNT)

    trainer.language = "en"
    trainer.save(update_fields=["language"])
    assert "题库" not in sidebar_of(client, ACCOUNT)
    UserProfile.objects.update_or_create(user=trainer, defaults={"avatar": "avatars/own.png"})
    assert "avatars/own.png" in sidebar_of(client, ACCOUNT)


def groups_of(menu: Menu) -> Iterator[list[str]]:
    """The names of the entries that stand beside one another, of the menu and below each of its entries."""
    yield [item.name for item in menu.registered_menu_items]
    for item in menu.registered_menu_items:
        if isinstance(item, SubmenuMenuItem):
            yield from groups_of(item.menu)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_one_entry_of_the_sidebar_is_marked_at_a_time(language):
    """Wagtail marks each entry whose name begins the name of the open one, and makes names of labels in the language of
    whoever comes first."""
    # The admin's addresses bring the entries of viewsets along.
    reverse("wagtailadmin_home")
    with translation.override(language):
        groups = list(groups_of(Menu(register_hook_name="register_admin_menu_item")))

    assert sum(map(len, groups)) > 40
    assert [
        (name, other)
        for group in groups
        for name in group
        for other in group
        if name != other and other.startswith(name)
    ] == []
