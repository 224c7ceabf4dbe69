"""Training hours: what a year asks, what completes it, and a ledger in which nothing is rewritten."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from academy.journal import ACTIONS
from academy.models import JournalEntry, Leave, Role
from courses.hours.balance import balance_for, balance_of, balances_for, not_employed, quotas_of_year
from courses.hours.ledger import Training, credit_completion, credit_missed_completions, training_refusal
from courses.hours.proportion import asked_in_proportion
from courses.models import Enrolment, HourEntry, HourQuota
from courses.progress.learning import enrol, mark_lesson_done, record_opening
from tests.academy.importing.files import STAFF
from tests.academy.importing.test_staff import load, only  # noqa: F401
from tests.cast import bank, person
from tests.courses.factories import course_of

D = date
YEAR = {"first": D(2026, 1, 1), "last": D(2026, 12, 31)}


def hours_asked(*absences, on=None) -> Decimal:
    return asked_in_proportion(Decimal(48), absences=absences, on=on or YEAR["last"], **YEAR)


@pytest.mark.parametrize(
    ("absences", "asked"),
    [
        ((), "48"),
        (((D(2026, 1, 1), D(2026, 12, 31)),), "0"),
        # 184 of 365 days are left of the year; half hours.
        (((D(2026, 1, 1), D(2026, 6, 30)),), "24.0"),
        # Two leaves over the same days count once, and days outside the year not at all.
        (((D(2025, 6, 1), D(2026, 3, 31)), (D(2026, 2, 1), D(2026, 6, 30))), "24.0"),
    ],
)
def test_leave_makes_the_hours_asked_less_in_proportion(absences, asked):
    assert hours_asked(*absences) == Decimal(asked)


def test_a_leave_that_goes_on_counts_up_to_today():
    assert hours_asked((D(2026, 1, 1), None), on=D(2026, 3, 14)) == Decimal("38.5")


def test_days_before_hiring_and_between_two_employments_are_not_asked_for():
    gaps = not_employed([(D(2026, 4, 1), D(2026, 6, 30)), (D(2026, 9, 1), None)], **YEAR)

    assert gaps == [(D(2026, 1, 1), D(2026, 3, 31)), (D(2026, 7, 1), D(2026, 8, 31))]
    assert not_employed([], **YEAR) == []
    assert not_employed([(D(2020, 1, 1), None)], **YEAR) == []


def test_the_newest_number_of_hours_counts_and_nought_ends_it():
    rows = [
        (2024, "", Decimal(40)),
        (2026, "", Decimal(48)),
        (2024, "compliance", Decimal(8)),
        (2026, "compliance", Decimal(0)),
    ]

    assert quotas_of_year(rows, 2025) == {"": Decimal(40), "compliance": Decimal(8)}
    assert quotas_of_year(rows, 2027) == {"": Decimal(48)}
    assert quotas_of_year(rows, 2023) == {}


def test_enough_in_all_but_too_little_of_one_category_is_not_enough():
    balance = balance_of(
        year=2026,
        done={"skills": Decimal(50)},
        quotas={"": Decimal(48), "compliance": Decimal(8)},
        absences=[],
        on=D(2026, 5, 1),
    )

    assert balance.total.met and not balance.met
    assert [(line.category, line.missing) for line in balance.categories] == [("compliance", 8), ("skills", 0)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": " "},
        {"category": "none"},
        {"hours": Decimal("0.05")},
        {"hours": Decimal(25)},
        {"hours": Decimal("NaN")},
        {"last_day": D(2026, 1, 1)},
        {"last_day": D(2026, 12, 1)},
        {"year": 2020},
        {"first_day": D(1980, 1, 1), "last_day": D(1980, 1, 1)},
    ],
)
def test_what_cannot_be_a_training_is_refused(wrong):
    right = {
        "title": "反洗钱培训",
        "first_day": D(2026, 5, 4),
        "last_day": D(2026, 5, 4),
        "hours": Decimal(6),
        "category": "compliance",
    }

    assert training_refusal(Training(**right), D(2026, 6, 1)) is None
    assert training_refusal(Training(**{**right, **wrong}), D(2026, 6, 1))


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def learner(branches):
    return person("100001", "欧阳文澜", branches["BJ01"], posted=date(2020, 1, 1))


def complete(learner, course):
    enrolment = enrol(learner=learner, course=course, now=timezone.now())
    for lesson in course.lessons.all():
        progress = record_opening(enrolment=enrolment, lesson=lesson, now=timezone.now())
        mark_lesson_done(progress=progress, has_check=False, now=timezone.now())
    return Enrolment.objects.get(pk=enrolment.pk)


@pytest.mark.django_db
@pytest.mark.database
def test_a_completed_course_adds_its_hours_once_and_stays_out_when_taken_out(learner):
    enrolment = complete(learner, course_of("etiquette"))

    assert credit_completion(enrolment=enrolment, now=timezone.now()) is None
    assert credit_missed_completions(now=timezone.now()) == 0
    entry = HourEntry.objects.get()
    assert (entry.person, entry.hours, entry.source) == (learner, Decimal("0.1"), "course")
    with pytest.raises(IntegrityError), transaction.atomic():
        HourEntry.objects.filter(pk=entry.pk).update(hours=0)
    HourEntry.objects.filter(pk=entry.pk).update(withdrawn_at=timezone.now())
    assert credit_completion(enrolment=enrolment, now=timezone.now()) is None
    assert HourEntry.objects.count() == 1
    # What a fault or an older academy left open is healed.
    HourEntry.objects.all().delete()
    assert credit_missed_completions(now=timezone.now()) == 1


FORM = {
    "title": "反洗钱专题培训",
    "category": "compliance",
    "hours": "6",
    "first_day": "2026-05-04",
    "provider": "银行业协会",
    "numbers": "100001",
}


@pytest.mark.django_db
@pytest.mark.database
def test_hr_enters_corrects_and_withdraws_and_another_reviews(client, learner, branches):
    hr = person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
    second = person("300002", "程砚秋", branches["BJ"], roles=[Role.BRANCH_ADMINISTRATOR])
    stranger = person("300003", "沈知远", branches["SH"], roles=[Role.BRANCH_ADMINISTRATOR])
    client.force_login(hr)

    wrong = client.post("/cms/hour_entries/enter/", {**FORM, "numbers": "100001\n999999\n100001"}).content.decode()
    assert HourEntry.objects.count() == 0 and "999999" in wrong
    crowded = client.post("/cms/hour_entries/enter/", {**FORM, "numbers": "100001 999999"}).content.decode()
    assert HourEntry.objects.count() == 0 and "999999" in crowded
    assert client.post("/cms/hour_entries/enter/", FORM).status_code == 302
    client.post("/cms/hour_entries/enter/", FORM)
    entry = HourEntry.objects.get()
    page = f"/cms/hour_entries/entry/{entry.pk}/"
    client.post(page, {"do": "review"})
    assert HourEntry.objects.get().reviewed_by is None

    client.force_login(second)
    client.post(page, {"do": "review"})
    assert HourEntry.objects.get().reviewed_by == second
    client.post(page, {**FORM, "do": "correct", "hours": "4", "reason": ""})
    assert HourEntry.objects.count() == 1
    client.post(page, {**FORM, "do": "correct", "hours": "4", "reason": "签到表为半天"})
    corrected = HourEntry.objects.current().get()
    assert (corrected.hours, corrected.corrects.pk, corrected.corrects.withdrawn_reason) == (
        4,
        entry.pk,
        "签到表为半天",
    )
    assert client.post(page, {"do": "withdraw", "reason": "重复"}).status_code == 302
    assert HourEntry.objects.current().count() == 1

    client.force_login(stranger)
    assert client.get(page).status_code == 404
    assert client.post(page, {"do": "withdraw", "reason": "重复"}).status_code == 404
    assert client.post("/cms/hour_entries/enter/", FORM).status_code == 200
    assert HourEntry.objects.count() == 2
    client.force_login(learner)
    assert client.get(page).status_code != 200
    acts = list(JournalEntry.objects.filter(person=learner, action__contains="hours").values_list("action", flat=True))
    assert sorted(acts) == ["courses.correct_hours", "courses.enter_hours", "courses.review_hours"]
    assert set(acts) <= set(ACTIONS)


@pytest.mark.django_db
@pytest.mark.database
def test_the_learner_reads_the_year_at_a_cost_that_does_not_grow(client, learner, branches):
    year = timezone.localdate().year
    HourQuota.objects.create(from_year=2020, hours=48)
    Leave.objects.create(person=learner, kind="maternity", effective_from=D(year, 1, 1), effective_until=D(year, 1, 31))
    client.force_login(learner)
    client.get("/my/hours/")
    found = []
    for count in (1, 3):
        for number in range(count):
            complete(learner, course_of(f"c{count}{number}"))
        with CaptureQueriesContext(connection) as captured:
            text = client.get("/my/hours/").content.decode()
        found.append(len(captured))

    assert found[0] == found[1] <= 14
    assert "/ 44 学时" in text and "还差 43.6 学时" in text
    assert client.get("/my/hours/?year=１９９９").status_code == 200
    with CaptureQueriesContext(connection) as captured:
        balances_for([learner.pk, learner.pk + 1], year=year, on=timezone.localdate())
    assert len(captured) == 4
    assert balance_for(learner.pk, year=year, on=timezone.localdate()).total.done == Decimal("0.4")
    # Of another person nothing stands on the page.
    client.force_login(person("100002", "外人", branches["SH01"]))
    assert "课程 c10" not in client.get("/my/hours/").content.decode()


HEADINGS = "工号,培训项目,培训日期,结束日期,学时,类别,主办方,佐证材料\n"


@pytest.mark.django_db
@pytest.mark.database
def test_a_file_of_hours_is_checked_row_by_row_and_loaded_once(load):  # noqa: F811
    load(STAFF)
    text = (
        HEADINGS
        + "000101,反洗钱培训,2026年5月4日,,6学时,合规,协会,证书 17\n000102,领导力研修,2026/3/2,2026-03-06,20,管理能力,,\n"
    )

    assert load(text, "import_hours")["created"] == 2
    assert load(text, "import_hours")["unchanged"] == 2
    entry = HourEntry.objects.get(person=only("000101"))
    assert (entry.hours, entry.category, entry.effective_until, entry.evidence, entry.source) == (
        Decimal(6),
        "compliance",
        D(2026, 5, 4),
        "证书 17",
        "imported",
    )
    # A changed row withdraws and appends.
    assert load(text.replace("6学时", "4"), "import_hours")["updated"] == 1
    assert [hour_entry.hours for hour_entry in HourEntry.objects.filter(person=only("000101")).order_by("pk")] == [6, 4]
    bad = HEADINGS + (
        "000101,反洗钱,2026-05-04,,-1,合规,,\n000101,反洗钱,2026-05-05,,99,合规,,\n999999,反洗钱,2026-05-04,,6,合规,,\n"
        "000102,反洗钱,2126-05-04,,6,合规,,\n000102,反洗钱,2026-05-04,,6,天文,,\n000102,=1+1,2026-05-04,,6,合规,,\n"
    )
    result = load(bad, "import_hours")
    assert {fault["row"] for fault in result["errors"]} == {2, 3, 4, 5, 6, 7}
    assert HourEntry.objects.count() == 3


@pytest.mark.django_db
def test_nobody_enters_corrects_or_reviews_hours_of_their_own(client):
    branches = bank()
    hr = person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
    other = person("300003", "钟礼安", branches["HO"], roles=[Role.HR])
    client.force_login(hr)

    refused = client.post("/cms/hour_entries/enter/", {**FORM, "numbers": "300001"}).content.decode()
    assert "不能对本人作出处理" in refused and not HourEntry.objects.exists()
    client.force_login(other)
    client.post("/cms/hour_entries/enter/", {**FORM, "numbers": "300001"})
    entry = HourEntry.objects.get(person=hr)
    client.force_login(hr)
    for form in ({**FORM, "do": "correct", "reason": "更多"}, {"do": "review"}):
        client.post(f"/cms/hour_entries/entry/{entry.pk}/", form)

    entry.refresh_from_db()
    assert HourEntry.objects.count() == 1 and entry.reviewed_at is None and entry.withdrawn_at is None
