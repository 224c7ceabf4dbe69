"""A page that waits reads one part of itself anew; where that part is no more, the browser loads the page."""

from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.jobs.carrying import carry_out
from academy.models import PersonExport, Role
from academy.person_record.exports import request_record
from tests.architecture import FLOORS, ROOT
from tests.cast import bank, person

pytestmark = pytest.mark.django_db
ASKED_BY_A_PART = {"HX-Request": "true", "HX-Target": "polled"}


@pytest.fixture
def learner():
    return person("100001", "林一舟", bank()["BJ01"], roles=[Role.HR])


def test_the_part_is_read_until_the_work_is_done_and_then_no_more(client, learner):
    client.force_login(learner)
    request_record(person=learner, requested_by=learner, now=timezone.now())

    waiting = client.get(reverse("my_record"), headers=ASKED_BY_A_PART)
    carry_out(job_id=PersonExport.objects.get().job_id)
    done = client.get(reverse("my_record"), headers=ASKED_BY_A_PART)

    assert 'id="polled" hx-get="" hx-trigger="every 3s"' in waiting.content.decode()
    assert 'id="polled"' in done.content.decode() and "hx-trigger" not in done.content.decode()
    assert "HX-Refresh" not in waiting and "HX-Refresh" not in done


def test_who_was_signed_out_meanwhile_is_led_to_the_sign_in_and_not_to_an_empty_page(client, learner):
    page = client.get(reverse("my_record"), headers=ASKED_BY_A_PART, follow=True)

    assert page["HX-Refresh"] == "true"
    client.force_login(learner)
    assert "HX-Refresh" not in client.get(reverse("home"))
    assert client.get(reverse("home"), headers=ASKED_BY_A_PART)["HX-Refresh"] == "true"


def test_no_page_of_ours_is_loaded_anew_by_a_header_of_its_answer():
    sources = [path for floor in FLOORS for path in (ROOT / floor).rglob("*.py")]
    found = [Path(path).name for path in sources if '["Refresh"]' in path.read_text(encoding="utf-8")]

    assert found == []
