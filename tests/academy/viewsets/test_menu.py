"""The admin's menu shows each role what its grants allow, and leads nowhere that is closed."""

import json
import re

import pytest

from academy.models import Role
from tests.cast import bank, person

pytestmark = pytest.mark.django_db
STAFF = (Role.TRAINER, Role.REVIEWER, Role.EXAM_KEEPER, Role.HR, Role.BRANCH_ADMINISTRATOR, Role.AUDITOR)


def links_of(client) -> list[str]:
    """Where the entries of the sidebar lead, those below an entry too."""
    page = client.get("/cms/").content.decode()
    props = json.loads(re.search(r'<script id="wagtail-sidebar-props"[^>]*>(.*?)</script>', page, re.DOTALL)[1])
    return [link for link in re.findall(r'"(/cms/[^"]*)"', json.dumps(props)) if "logout" not in link]


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
