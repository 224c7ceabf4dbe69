"""A level that lapsed: what renews it brings it back within the limit, and beyond it is earned anew. Never a dead end."""

from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone, translation

from academy.models import CareerLevel
from academy.viewsets.panels import todo_items
from certificates.award.awarding import import_history
from certificates.models import CertificationTrack, Requirement, RuleVersion
from certificates.panels import home_panels
from certificates.rules.ladder import ladder_of
from certificates.rules.ladder_words import headline
from quizzes.models import Attempt, Quiz
from tests.cast import bank, person
from tests.certificates.award.test_level_exam import sit
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = pytest.mark.django_db
GRACE = 90


@pytest.fixture
def learner():
    return person("100001", "林晚", bank()["BJ01"])


@pytest.fixture
def track():
    """Earned by an exam, renewed by a refresher."""
    level = CareerLevel.objects.create(code="CM2", rank=2, name="客户经理", name_en="Client Manager")
    made = CertificationTrack.objects.create(
        code="cm2", level=level, name="认证", mode="completion", award="automatic", grace_days=GRACE
    )
    version = RuleVersion.objects.create(track=made, number=1, effective_from=timezone.localdate().replace(year=2020))
    exam, refresher = (
        quiz_of(bank_of(1, slug=code), 1, code=code, kind="exam", title=title, wait_minutes=0)
        for code, title in (("exam", "等级考试"), ("refresher", "复训测验"))
    )
    Requirement.objects.create(rule_version=version, kind="quiz", quiz=exam)
    Requirement.objects.create(rule_version=version, kind="quiz", quiz=refresher, purpose="renewal", lasts="cycle")
    return made


def ran_out(learner, track, *, days: int) -> None:
    """Held for a year that ended so many days ago; the exam was passed before it began."""
    through = timezone.localdate() - timedelta(days=days)
    CertificationTrack.objects.update(award="approval")
    sit(asked(track, "first"), learner, right=1)
    CertificationTrack.objects.update(award="automatic")
    Attempt.objects.update(finished_at=timezone.now() - timedelta(days=days + 400))
    import_history(
        person=learner,
        track=track,
        awarded_on=through - timedelta(days=365),
        valid_through=through,
        now=timezone.now(),
        actor=None,
    )


def asked(track, purpose: str) -> Quiz:
    return track.rule_versions.get().requirements.get(purpose=purpose).quiz


def todo(learner) -> list:
    request = RequestFactory().get("/")
    request.user = learner
    with translation.override("zh-hans"):
        return todo_items(request)


def test_what_renews_it_brings_it_back(learner, track):
    ran_out(learner, track, days=GRACE + 10)
    today = timezone.localdate()
    (rung,) = ladder_of(learner, today)

    assert (rung.state, rung.lapsed, rung.purpose, rung.met, rung.all) == ("current", True, "return", 0, 1)
    (item,) = todo(learner)
    assert (item.title, item.about) == ("恢复客户经理（CM2）", "level:CM2")
    assert "已失效" in item.text and "下一步：复训测验" in item.text
    with translation.override("zh-hans"):
        assert "还差 1 项" in headline([rung])

    sit(asked(track, "renewal"), learner, right=1)

    assert ladder_of(learner, today)[0].state == "held"
    assert todo(learner) == []


def test_in_grace_it_is_still_renewed(learner, track):
    ran_out(learner, track, days=10)
    (rung,) = ladder_of(learner, timezone.localdate())

    assert (rung.state, rung.in_grace, rung.lapsed) == ("current", True, False)
    (item,) = todo(learner)
    assert item.title == "续期客户经理（CM2）" and "宽限期至" in item.text
    assert item.due_on == timezone.localdate() - timedelta(days=10)


def test_beyond_the_limit_it_is_earned_anew(learner, track, settings):
    ran_out(learner, track, days=GRACE + 10)
    settings.RETURN_LIMIT_MONTHS = 1
    (rung,) = ladder_of(learner, timezone.localdate())

    # The exam that was passed for the level that lapsed does not give it again.
    assert (rung.lapsed, rung.purpose, rung.missing) == (True, "first", 1)
    with translation.override("zh-hans"):
        assert "重新取得" in headline([rung])
    assert todo(learner) == []


def test_the_window_that_is_open_stands_in_the_list_with_its_last_day(learner, track):
    ran_out(learner, track, days=-32)
    (rung,) = ladder_of(learner, timezone.localdate())
    (item,) = todo(learner)

    assert rung.renewing
    assert (item.title, item.due_on) == ("续期客户经理（CM2）", timezone.localdate() + timedelta(days=32))
    assert "已满足 0/1 项" in item.text
    with translation.override("zh-hans"):
        assert "最后一日" in headline([rung])


def test_an_exam_that_waits_for_its_re_sit_leads_nowhere_and_says_when(client, learner, track):
    ran_out(learner, track, days=GRACE + 10)
    refresher = asked(track, "renewal")
    Quiz.objects.filter(pk=refresher.pk).update(wait_minutes=60)
    refresher.refresh_from_db()

    sit(refresher, learner, right=0)

    (item,) = todo(learner)
    assert "复训测验" in item.text
    request = RequestFactory().get("/")
    request.user = learner
    with translation.override("zh-hans"):
        (line,) = home_panels(request)[0]["context"]["steps"][0][0].standing.missing
    assert line.asked.url == "" and line.missing.endswith("之后可再次作答。")
    client.force_login(learner)
    home = client.get("/", headers={"accept-language": "zh-hans"}).content.decode()
    go_on = home.split('aria-labelledby="continue-title"')[1].split("</section>")[0]
    assert "复训测验" in go_on and line.missing in go_on and "开始学习" not in go_on
    assert line.missing in item.text
