"""Long work has one life: taken up again after a death, tried again after a fault, given up with an alarm, ended once."""

import hashlib
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from academy.bilingual import said
from academy.calendar.clock import LEASE, end_lease, take_lease
from academy.errors.refusals import RuleViolation
from academy.jobs.carrying import (
    JOB_KINDS,
    LOSSES,
    TRIES,
    JobKind,
    LeaseLost,
    ask,
    carry_out,
    register_job,
    resume_jobs,
    try_again,
)
from academy.jobs.files import forget_files
from academy.jobs.made_files import file_of
from academy.models import Job, Notice, Role
from tests.cast import bank, person

pytestmark = pytest.mark.django_db
OURS = ("academy.", "quizzes.", "courses.", "certificates.")


@pytest.fixture
def cast():
    branches = bank()
    return {
        "hr": person("300001", "苏映雪", branches["BJ"], roles=[Role.HR]),
        "head": person("900001", "严守正", branches["HO"], roles=[Role.ADMINISTRATOR]),
        "outsider": person("300002", "方知远", branches["SH"], roles=[Role.HR]),
        "learner": person("000101", "林见鹿", branches["BJ01"]),
    }


@pytest.fixture
def kind():
    """A kind of work whose doing each test says."""
    doings: list = []

    def do(work):
        doings[0](work)
        return {"count": 1}

    register_job(JobKind("tests.work", label="数豆子", carry_out=do, suffix=".txt", keep=lambda: timedelta(days=7)))
    yield doings
    del JOB_KINDS["tests.work"]


def asked(by=None, **values) -> Job:
    return ask(kind="tests.work", asked_by=by, now=timezone.now(), **values)


def again(job: Job) -> Job:
    """The wait is over and the minute's pass comes."""
    Job.objects.filter(pk=job.pk, next_try_at__isnull=False).update(next_try_at=timezone.now(), woken_at=timezone.now())
    resume_jobs(now=timezone.now())
    carry_out(job_id=job.pk)
    job.refresh_from_db()
    return job


def test_work_is_carried_out_once_and_its_file_is_kept_for_its_days(cast, kind):
    calls = []

    def write(work):
        calls.append(work.job.pk)
        work.part.write_text("七")
        work.progress(1, 1)

    kind.append(write)
    job = asked(cast["hr"])

    assert carry_out(job_id=job.pk) == carry_out(job_id=job.pk) == "done"

    job.refresh_from_db()
    assert calls == [job.pk] and (job.done, job.total, job.result, job.size) == (1, 1, {"count": 1}, 3)
    path = file_of(job)
    assert path.read_text() == "七" and not list(path.parent.glob("*.part"))
    assert forget_files(now=timezone.now() + timedelta(days=6)) == 0 and path.exists()
    Job.objects.filter(pk=job.pk).update(kept_until=timezone.now())
    forget_files(now=timezone.now() + timedelta(seconds=1))
    job.refresh_from_db()
    assert job.state == "done" and file_of(job) is None


def test_what_lost_its_worker_is_taken_up_and_the_old_worker_writes_nothing_more(cast, kind):
    def overtaken(work):
        work.part.write_text("half")
        # The worker was away for longer than its lease, and another took the work up and ended it.
        Job.objects.filter(pk=work.job.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
        kind[0] = lambda other: other.part.write_text("whole")
        assert resume_jobs(now=timezone.now()) == 1
        assert carry_out(job_id=work.job.pk) == "done"
        with pytest.raises(LeaseLost):
            work.progress(1, 1)

    kind.append(overtaken)
    job = asked(cast["hr"])

    assert carry_out(job_id=job.pk) == "done"

    job.refresh_from_db()
    assert job.losses == 1 and file_of(job).read_text() == "whole"


def test_a_worker_that_was_overtaken_unawares_leaves_the_file_of_the_other(cast, kind):
    def overtaken(work):
        part = work.part
        Job.objects.filter(pk=work.job.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
        kind[0] = lambda other: other.part.write_text("whole")
        assert resume_jobs(now=timezone.now()) == 1
        assert carry_out(job_id=work.job.pk) == "done"
        part.write_text("half")

    kind.append(overtaken)
    job = asked(cast["hr"])

    assert carry_out(job_id=job.pk) == "done"

    job.refresh_from_db()
    path = file_of(job)
    assert path.read_text() == "whole" and hashlib.sha256(path.read_bytes()).hexdigest() == job.digest
    assert not list(path.parent.glob("*.part"))


def test_a_clock_that_jumps_back_leaves_no_lease_behind(cast, kind):
    kind.append(lambda work: None)
    job = asked(cast["hr"])
    now, ahead = timezone.now(), timezone.now() + timedelta(hours=1)
    Job.objects.filter(pk=job.pk).update(state="running", holder="gone", leased_until=ahead + LEASE)
    assert take_lease("a pass", now=ahead)

    assert resume_jobs(now=now) == 1 and carry_out(job_id=job.pk) == "done"

    assert take_lease("a pass", now=now) and not take_lease("a pass", now=now)
    end_lease("a pass", now=now)


def test_a_fault_is_tried_again_with_growing_waits_and_then_given_up_with_an_alarm(cast, kind, caplog):
    def fall(work):
        raise ValueError("beans")

    kind.append(fall)
    job = asked(cast["hr"])
    waits = []
    for _try in range(TRIES - 1):
        before = timezone.now()
        assert carry_out(job_id=job.pk) == "waiting"
        job.refresh_from_db()
        waits.append(job.next_try_at - before)
        # Not before its time, however often a worker is called.
        assert carry_out(job_id=job.pk) == "waiting"
        Job.objects.filter(pk=job.pk).update(next_try_at=timezone.now())

    assert carry_out(job_id=job.pk) == "failed"

    job.refresh_from_db()
    assert waits == sorted(waits) and waits[0] < waits[-1]
    assert job.given_up_at is not None and "beans" not in job.problem
    told = set(
        Notice.objects.filter(kind__in=["academy.job_stopped", "academy.given_up"]).values_list("person", "kind")
    )
    assert told == {(cast["hr"].pk, "academy.job_stopped"), (cast["head"].pk, "academy.given_up")}
    assert resume_jobs(now=timezone.now() + timedelta(days=1)) == 0
    kind[0] = lambda work: None
    try_again(job=job, now=timezone.now())
    assert carry_out(job_id=job.pk) == "done"


def test_work_that_ends_its_workers_is_given_up_too(cast, kind):
    kind.append(lambda work: None)
    job = asked(cast["hr"])
    for _loss in range(LOSSES):
        Job.objects.filter(pk=job.pk).update(state="running", holder="x", leased_until=timezone.now() - LEASE)
        resume_jobs(now=timezone.now())

    job.refresh_from_db()
    assert job.state == "failed" and job.given_up_at is not None


def test_a_dead_worker_is_counted_whoever_takes_its_work_up(cast, kind):
    kind.append(lambda work: None)
    job = asked(cast["hr"])
    Job.objects.filter(pk=job.pk).update(state="running", holder="gone", leased_until=timezone.now() - LEASE)

    assert carry_out(job_id=job.pk) == "done"

    job.refresh_from_db()
    assert job.losses == 1


def test_a_worker_that_is_told_to_end_gives_its_work_back(cast, kind):
    def told(work):
        work.part.write_text("half")
        raise SystemExit(1)

    kind.append(told)
    job = asked(cast["hr"])
    with pytest.raises(SystemExit):
        carry_out(job_id=job.pk)
    kind[0] = lambda work: None

    assert resume_jobs(now=timezone.now()) == 1
    assert carry_out(job_id=job.pk) == "done"


def test_a_refusal_stops_at_once_in_its_own_words(cast, kind, client):
    def refuse(work):
        raise RuleViolation("豆子不够。")

    kind.append(refuse)
    job = asked(cast["hr"])

    assert carry_out(job_id=job.pk) == "failed"

    client.force_login(cast["hr"])
    page = client.get(reverse("jobs:job", args=[job.uuid]))
    assert "豆子不够。" in page.content.decode() and "重试" in page.content.decode()
    assert "hx-trigger" not in page.content.decode()
    kind[0] = lambda work: None
    client.post(reverse("jobs:again", args=[job.uuid]))
    job.refresh_from_db()
    assert (job.state, job.tries, job.problem) == ("waiting", 0, "")


def test_why_work_stopped_is_read_in_the_readers_language(cast, kind):
    """Whatever the language in which it was carried out."""

    def refuse(work):
        raise RuleViolation(said("You may no longer import here."))

    kind.append(refuse)
    job = asked(cast["hr"])
    carry_out(job_id=job.pk)
    job.refresh_from_db()

    with override("en"):
        assert job.problem == "You may no longer import here."
    with override("zh-hans"):
        assert job.problem == "您已没有在此导入的权限。"


def test_the_page_says_how_far_and_is_read_anew_while_it_goes(cast, kind, client):
    kind.append(lambda work: None)
    job = asked(cast["hr"], name="豆子.xlsx")
    Job.objects.filter(pk=job.pk).update(done=1_200, total=4_800)
    client.force_login(cast["hr"])

    page = client.get(reverse("jobs:job", args=[job.uuid]))

    text = page.content.decode()
    assert 'hx-trigger="every 2s"' in text and "25%" in text and "4800" in text.replace(",", "") and "数豆子" in text


def test_hr_sees_its_own_part_an_administrator_everything_and_an_outsider_nothing(cast, kind, client):
    kind.append(lambda work: None)
    own, of_system = asked(cast["hr"], name="豆子.xlsx"), asked(None)
    seen = {}
    for name in ("hr", "head", "outsider"):
        client.force_login(cast[name])
        text = client.get(reverse("jobs:index")).content.decode()
        seen[name] = [str(job.uuid) in text for job in (own, of_system)]
        assert client.get(reverse("jobs:job", args=[own.uuid])).status_code == (404 if name == "outsider" else 200)
        Job.objects.filter(pk=own.pk).update(state="failed", finished_at=timezone.now())
        if name == "outsider":
            assert client.post(reverse("jobs:again", args=[own.uuid])).status_code == 404
        Job.objects.filter(pk=own.pk).update(state="waiting", finished_at=None)
    client.force_login(cast["learner"])

    assert seen == {"hr": [True, False], "head": [True, True], "outsider": [False, False]}
    assert client.get(reverse("jobs:index")).status_code in (302, 403, 404)


def test_the_list_costs_the_same_for_one_and_three(cast, kind, client, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    kind.append(lambda work: None)
    client.force_login(cast["head"])
    costs = []
    for number in (1, 2):
        for _more in range(number):
            asked(cast["hr"])
        client.get(reverse("jobs:index"))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("jobs:index"))
        costs.append(len(captured))

    assert costs[0] == costs[1]


def test_no_kind_of_long_work_has_a_life_of_its_own():
    """How work goes is kept by ``Job`` alone, and each kind's own row belongs to one registered kind."""
    from django.apps import apps

    from academy.models import JobRow

    ours = [model for model in apps.get_models() if model.__module__.startswith(OURS)]
    own_lives = [
        model._meta.label
        for model in ours
        if model is not Job
        and any(
            field.name == "touched_at" or "running" in dict(field.choices or ())
            for field in model._meta.local_concrete_fields
        )
    ]
    rows = sorted(model._meta.label for model in ours if issubclass(model, JobRow))

    assert own_lives == []
    assert sorted(kind.model._meta.label for kind in JOB_KINDS.values() if kind.model is not None) == rows
    assert len(rows) == 10


def test_what_stopped_can_be_put_away_and_is_called_in_the_readers_language(cast, kind, client):
    def refuse(work):
        raise RuleViolation("不行")

    kind.append(refuse)
    job = asked(by=cast["hr"], name={"en": "Complaints", "zh-hans": "投诉处理"})
    carry_out(job_id=job.pk)
    client.force_login(cast["hr"])
    with override("en"):
        listed = reverse("jobs:index")
    client.cookies["academy_language"] = "en"
    cast["hr"].language = "en"
    cast["hr"].save()

    assert "Complaints" in client.get(f"{listed}?state=failed").content.decode()
    client.force_login(cast["outsider"])
    assert client.post(reverse("jobs:put_away", args=[job.uuid])).status_code == 404
    client.force_login(cast["hr"])
    assert "Put away" in client.get(reverse("jobs:job", args=[job.uuid])).content.decode()
    client.post(reverse("jobs:put_away", args=[job.uuid]))

    assert "Complaints" not in client.get(f"{listed}?state=failed").content.decode()
    assert "Complaints" in client.get(f"{listed}?state=put_away").content.decode()
    assert "background job stopped" not in client.get("/cms/").content.decode()
    try_again(job=job, now=timezone.now())
    job.refresh_from_db()
    assert job.put_away_at is None
