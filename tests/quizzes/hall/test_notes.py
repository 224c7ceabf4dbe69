"""Notes of an exam page: kept, and what the server sees beside them."""

import json

import pytest
from django.urls import reverse

from quizzes.models import IntegrityNote
from tests.quizzes.hall.exam_days import enter, start

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_notes_are_kept_and_the_server_sees_a_second_place(ground, session, exam, hr, learners, client):
    enter(session, hr, learners[0])
    paper = start(exam, learners[0])
    address = reverse("quizzes:notes", args=[paper.uuid])
    client.force_login(learners[0])

    def post(data, **more):
        return client.post(address, json.dumps(data), content_type="application/json", **more)

    assert post({"tab": "one", "notes": []}).json() == {"kept": 0}
    assert post({"tab": "one", "notes": [{"kind": "left", "seconds": 4}]}).json() == {"kept": 1}
    # Another page of the paper is no second place; the first one speaking again is.
    assert post({"tab": "two", "notes": []}).json() == {"kept": 0}
    assert post({"tab": "one", "notes": []}, REMOTE_ADDR="10.0.0.9").json() == {"kept": 2}
    assert sorted(IntegrityNote.objects.values_list("kind", flat=True)) == ["address", "left", "second"]
    assert post({"notes": [{"kind": "address"}]}).status_code == 400
    assert client.post(address, b"\xff", content_type="application/json").status_code == 400
    assert client.post(address, b"[" * 20_000, content_type="application/json").status_code == 413
    client.force_login(learners[1])
    assert post({"notes": []}).status_code == 404
    client.logout()
    assert post({"notes": []}).status_code == 401
