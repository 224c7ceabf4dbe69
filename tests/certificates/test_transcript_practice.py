"""The transcript counts each kind of practice as the practice page does, and nothing that was left."""

import pytest
from django.utils import timezone

from quizzes.models import PracticeDay
from tests.cast import bank, person
from tests.certificates.team.managing import TODAY

pytestmark = pytest.mark.django_db


def test_days_of_the_daily_five_stand_in_the_transcript(client):
    learner = person("100001", "欧阳文澜", bank()["BJ01"])
    client.force_login(learner)
    assert "每日五题" not in client.get("/my/transcript/").text.partition("<main")[2]

    for back in range(3):
        day = TODAY().replace(day=back + 1)
        PracticeDay.objects.create(person=learner, day=day, places=[], done_at=timezone.now() if back else None)

    assert "完成每日五题 2 天" in client.get("/my/transcript/").text
