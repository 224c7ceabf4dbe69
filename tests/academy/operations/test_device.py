"""What the site sends to a device beside its pages: manifest, worker, the page without a line, and whose each page is."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test.utils import override_script_prefix
from django.utils import timezone
from PIL import Image, ImageChops

from academy.errors.refusals import RuleViolation
from academy.models import HouseSwitch, JournalEntry, Role
from academy.operations.device.icons import GREEN, draw_icon
from academy.operations.device.switching import switch_devices
from tests.cast import bank, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def learner(branches):
    return person("100001", "欧阳文澜", branches["BJ01"])


@pytest.fixture
def hr(branches):
    return person("300001", "苏映雪", branches["HO"], roles=[Role.HR])


def known(client) -> dict:
    script = client.get("/service-worker.js").content.decode()
    match = re.match(r"self\.ACADEMY = (\{.*\});\n", script)
    assert match
    return json.loads(match.group(1))


def content(name: str) -> str:
    return Path(finders.find(name)).read_text(encoding="utf-8")


@pytest.mark.parametrize(("language", "name"), [("zh-hans", "客户经理学院"), ("en", "Client Manager Academy")])
def test_the_academy_is_installed_under_its_name_in_each_language(client, language, name):
    answer = client.get(f"/manifest/{language}.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    said = json.loads(answer.content)
    assert (said["name"], said["start_url"], said["scope"], said["display"]) == (name, "/", "/", "standalone")
    assert {(one["sizes"], one["purpose"]) for one in said["icons"]} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    for one in said["icons"]:
        with Image.open(finders.find(one["src"].removeprefix("/static/"))) as icon:
            assert f"{icon.width}x{icon.height}" == one["sizes"]
    assert (
        f'rel="manifest" href="/manifest/{language}.webmanifest"'
        in client.get("/", headers={"accept-language": language}).content.decode()
    )


def test_a_language_that_the_academy_does_not_speak_is_not_found(client):
    assert client.get("/manifest/fr.webmanifest").status_code == 404
    assert client.get("/without-line/fr/").status_code == 404


def test_the_colours_of_the_frame_are_those_of_the_themes(client, learner):
    def surface(name: str) -> str:
        return re.search(r"--color-surface: (#\w+);", content(name)).group(1)

    colours = [surface("academy/tokens.css"), surface("academy/tokens_dark.css")]
    for appearance, wanted in (("system", colours), ("light", colours[:1]), ("dark", colours[1:])):
        learner.appearance = appearance
        learner.save()
        client.force_login(learner)
        page = client.get("/my/profile/").content.decode()
        assert re.findall(r'name="theme-color" content="(#\w+)"', page) == wanted
    page = re.search(r"--color-page: (#\w+);", content("academy/tokens.css")).group(1)
    said = json.loads(client.get("/manifest/en.webmanifest").content)
    assert (said["background_color"], said["theme_color"]) == (page, colours[0])


def test_the_worker_covers_the_site_and_everything_that_it_lays_down_is_there_for_visitors(client):
    answer = client.get("/service-worker.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Service-Worker-Allowed"] == "/"
    assert "worker-src 'self'" in answer["Content-Security-Policy"]
    said = known(client)
    assert said["keeps"] is True
    for address in said["withoutLine"].values():
        assert client.get(address).status_code == 200
    for address in said["shell"]:
        assert finders.find(address.removeprefix("/static/")), address
    assert client.get(said["scope"]).status_code == 200


def test_the_page_without_a_line_knows_nobody_and_needs_only_what_lies_beside_it(client, learner):
    client.force_login(learner)
    page = client.get("/without-line/en/").content.decode()
    assert learner.display_name not in page and learner.staff_number not in page
    assert "csrfmiddlewaretoken" not in page
    asked = set(re.findall(r'(?:src|href)="(/static/[^"]+\.(?:css|js))"', page))
    asked -= {"/static/academy/learning.css", "/static/quizzes/unsent.js"}
    assert asked <= set(known(client)["shell"])
    assert "没有提交" in client.get("/without-line/zh-hans/").content.decode()


def test_a_first_password_does_not_stand_in_the_way_of_the_worker(client, learner):
    learner.must_change_password = True
    learner.save()
    client.force_login(learner)
    assert client.get("/service-worker.js").status_code == 200
    assert client.get("/manifest/en.webmanifest").status_code == 200


def test_the_site_under_a_prefix_has_its_worker_there(client):
    with override_script_prefix("/academy/"):
        answer = client.get("/service-worker.js")
        match = re.match(r"self\.ACADEMY = (\{.*\});\n", answer.content.decode())
    assert answer["Service-Worker-Allowed"] == "/academy/"
    said = json.loads(match.group(1))
    assert said["scope"] == "/academy/"
    assert said["withoutLine"]["en"] == "/academy/without-line/en/"
    assert said["signOut"] == ["/academy/accounts/logout/", "/academy/cms/logout/"]


def test_each_page_says_whose_it_is_and_data_do_not(client, learner, hr):
    assert client.get("/accounts/login/")["Academy-Person"] == "-"
    assert client.get("/nowhere/")["Academy-Person"] == "-"
    client.force_login(learner)
    assert client.get("/")["Academy-Person"] == str(learner.pk)
    assert f'data-person="{learner.pk}"' in client.get("/").content.decode()
    assert "Academy-Person" not in client.get("/readyz")
    client.force_login(hr)
    assert client.get("/cms/")["Academy-Person"] == str(hr.pk)


def test_home_is_never_kept(client, learner):
    client.force_login(learner)
    answer = client.get("/")
    assert "Academy-Keep" not in answer
    assert "no-store" in answer["Cache-Control"]
    assert 'data-worker="/service-worker.js"' in answer.content.decode()


class TestTheSwitch:
    def test_switched_off_the_worker_takes_its_leave_and_no_page_asks_for_it(self, client, learner, hr):
        client.force_login(hr)
        assert client.get("/cms/devices/").status_code == 200
        kept = client.post("/cms/devices/", {"reason": "Shared tablets"})
        assert kept.status_code == 302
        assert known(client)["keeps"] is False
        client.force_login(learner)
        page = client.get("/").content.decode()
        assert "data-worker" not in page and 'data-keeps="off"' in page

        entry = JournalEntry.objects.get(action="academy.switch_devices")
        assert entry.actor == hr
        client.force_login(hr)
        client.post("/cms/devices/", {"keep": "1", "reason": "Tablets are gone"})
        assert known(client)["keeps"] is True

    def test_without_a_reason_nothing_changes_and_what_stands_already_is_no_change(self, hr):
        with pytest.raises(RuleViolation):
            switch_devices(keep=False, reason=" ", actor=hr, now=timezone.now())
        switch_devices(keep=True, reason="", actor=hr, now=timezone.now() + timedelta(days=1))
        assert not HouseSwitch.objects.exists()

    def test_it_is_head_offices_alone(self, client, branches, learner):
        local = person("300002", "分行", branches["BJ"], roles=[Role.HR])
        with pytest.raises(RuleViolation):
            switch_devices(keep=False, reason="x", actor=local, now=timezone.now())
        client.force_login(local)
        assert "disabled" in client.get("/cms/devices/").content.decode()
        client.force_login(learner)
        assert client.get("/cms/devices/").status_code == 404


def test_the_icons_are_those_that_the_mark_draws():
    for name, size, rounded in (("icon-192.png", 192, True), ("apple-touch-180.png", 180, False)):
        with Image.open(finders.find(f"academy/icons/{name}")) as kept:
            drawn = draw_icon(size, rounded=rounded)
            differences = ImageChops.difference(kept.convert("RGBA"), drawn).getextrema()
        # Another Pillow may round a shade otherwise.
        assert max(most for _least, most in differences) <= 2
    mark = content("academy/mark.svg")
    assert GREEN in mark and "M7 22h5v-4.5h4.5V13H21V8.5h2.5" in mark


def test_the_icon_of_an_apple_device_has_no_clear_corners():
    with Image.open(finders.find("academy/icons/apple-touch-180.png")) as icon:
        assert (icon.size, icon.mode) == ((180, 180), "RGB")
