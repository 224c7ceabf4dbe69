"""What is noted of a room as a whole: once a form, in the journal and on the console, about nobody in particular."""

from uuid import uuid4

import pytest
from django.urls import reverse

from academy.models import JournalEntry
from quizzes.models import HallAct
from tests.quizzes.hall.exam_days import enter

pytestmark = pytest.mark.django_db


def test_an_alarm_is_noted_once_and_of_nobody(ground, session, hr, watch, learners, client):
    enter(session, hr, *learners)
    client.force_login(watch)
    address = reverse("hall:console", args=[session.uuid])
    form = {"kind": "note", "whom": "room", "reason": "火警演习，全场疏散", "token": uuid4()}

    for _ in range(2):
        page = client.post(address, form, follow=True).text

    assert "火警演习，全场疏散" in page and "整个考场" in page
    entry = JournalEntry.objects.get(action="quizzes.hall_note")
    assert (entry.reason, entry.person_id) == ("火警演习，全场疏散", None)
    assert not HallAct.objects.get().candidates.exists()


@pytest.mark.parametrize("kind", sorted(set(HallAct.Kind.values) - {"note"}))
def test_of_the_room_as_a_whole_there_are_notes_only(ground, session, hr, watch, learners, client, kind):
    enter(session, hr, *learners)
    client.force_login(watch)
    form = {"kind": kind, "whom": "room", "reason": "停电", "minutes": "5", "token": uuid4()}

    answer = client.post(reverse("hall:console", args=[session.uuid]), form)

    assert (answer.status_code, HallAct.objects.exists()) == (400, False)
    assert "对整个考场只能作记录" in answer.text
