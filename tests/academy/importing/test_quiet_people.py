"""Who came with a load that HR has not opened: everything works, and every page that would remind says why it does not."""

import pytest

from academy.models import ImportRun, Notice, Role
from certificates.team.nudging import nudge
from tests.cast import bank, person
from tests.moments import NOW

pytestmark = pytest.mark.django_db
QUIET = "人力资源部尚未对您开放通知"
PAGES = ("/", "/my/todo/", "/my/notices/")


def test_a_quiet_person_reads_why_nothing_is_told_and_finds_every_page(client):
    branches = bank()
    load = ImportRun.objects.create(kind="staff", file_name="名单.csv", size=1, digest="0" * 64)
    quiet = person("100001", "欧阳文澜", branches["BJ01"], quiet_load=load)

    signed_in = client.post("/accounts/login/", {"login": "100001", "password": "a-long-password"}, follow=True)

    assert signed_in.status_code == 200 and QUIET in signed_in.content.decode()
    for address in PAGES:
        assert QUIET in client.get(address).content.decode()
    for address in ("/my/profile/", "/my/transcript/", "/my/certificates/"):
        assert client.get(address, follow=True).status_code == 200
    hr = person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
    told = nudge(manager=hr, people=[quiet], words="请本周内完成", now=NOW)
    assert (told.told, told.away) == (0, 1) and not Notice.objects.exists()
    client.force_login(hr)
    assert "静默导入，尚未开放通知" in client.get(f"/cms/users/inspect/{quiet.pk}/").content.decode()

    quiet.quiet_load = None
    quiet.save()
    client.force_login(quiet)
    for address in PAGES:
        assert QUIET not in client.get(address).content.decode()
