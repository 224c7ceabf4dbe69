"""What a change of the rules would do: judged before it is saved, by name and branch, and kept with the version."""

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from academy.decisions.four_eyes import decide_proposal
from academy.models import CareerLevel, JournalEntry, Position, Proposal, Role
from certificates.award.awarding import import_history
from certificates.impact.barred import posts_barred_by
from certificates.models import Certification, CertificationTrack, ImpactPreview, Requirement, RuleVersion
from certificates.posts.asking import require_level
from courses.models import Enrolment
from tests.cast import bank, person, position
from tests.courses.factories import course_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def hr(branches):
    found = person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
    found.postings.update(position=Position.objects.create(code="training", name="培训岗", line=""))
    return found


@pytest.fixture
def courses(branches):
    return course_of(code="etiquette"), course_of(code="outlet")


@pytest.fixture
def track(courses):
    level = CareerLevel.objects.create(code="CM1", name="见习客户经理", rank=1)
    found = CertificationTrack.objects.create(code="cm1", level=level, name="见习认证", name_en="Trainee")
    version = RuleVersion.objects.create(
        track=found, number=1, effective_from=timezone.localdate() - timedelta(days=200)
    )
    for place, course in enumerate(courses):
        Requirement.objects.create(rule_version=version, sort_order=place, kind="course", course=course)
    return found


def completed(learner, *courses):
    day = timezone.localdate() - timedelta(days=20)
    for course in courses:
        Enrolment.objects.create(learner=learner, course=course, completed_at=timezone.now(), completed_on=day)


def form_of(track, start, *rows, **fields) -> dict:
    data = {
        "track": track.pk,
        "effective_from": start.isoformat(),
        "note": "新规",
        "requirements-TOTAL_FORMS": len(rows),
        "requirements-INITIAL_FORMS": 0,
        **fields,
    }
    for number, row in enumerate(rows):
        usual = {"phase": "pass", "purpose": "first", "active": "on", "lasts": "once", "group_needs": 1}
        data |= {f"requirements-{number}-{name}": value for name, value in {**usual, **row, "ORDER": number}.items()}
    return data


def asking(course) -> dict:
    return {"kind": "course", "course": course.pk}


def preview_of(client, data) -> ImpactPreview:
    answer = client.post(reverse("rules:add"), data)
    assert answer.status_code == 302, answer.context["form"].errors
    return ImpactPreview.objects.latest("pk")


def effects(preview) -> dict[str, str]:
    return dict(preview.rows.values_list("person__staff_number", "effect"))


def test_who_gains_who_loses_and_who_is_half_way(client, hr, branches, track, courses):
    first, second = courses
    third = course_of(code="third")
    ready, started, gaining = (person(f"10000{n}", f"员工{n}", branches["BJ01"]) for n in (1, 2, 3))
    person("100004", "未开始", branches["SH01"])
    completed(ready, first, second)
    completed(started, second)
    completed(gaining, first, third)
    client.force_login(hr)

    preview = preview_of(client, form_of(track, timezone.localdate(), asking(first), asking(third)))

    assert effects(preview) == {"100001": "loses", "100002": "half_way", "100003": "gains"}
    assert not Certification.objects.exists() and RuleVersion.objects.count() == 1
    page = client.get(reverse("rules:impact", args=[preview.pk])).text
    for words in ("员工1", "员工2", "员工3", "北京分行", "将全部达标", "将不再全部达标"):
        assert words in page
    assert "未开始" not in page


def test_who_holds_the_level_keeps_it(client, hr, branches, track, courses):
    holder = person("100001", "欧阳文澜", branches["BJ01"])
    today = timezone.localdate()
    import_history(
        person=holder,
        track=track,
        awarded_on=today - timedelta(days=30),
        valid_through=today + timedelta(days=300),
        now=timezone.now(),
        actor=None,
    )
    client.force_login(hr)

    preview = preview_of(client, form_of(track, today, asking(course_of(code="third"))))
    client.post(reverse("rules:impact", args=[preview.pk]), {"do": "save"})

    assert (effects(preview), preview.counts["holding"]) == ({}, 1)
    assert RuleVersion.objects.count() == 2
    assert Certification.objects.holding(today).filter(person=holder).exists()


def test_who_is_under_way_is_shown_to_finish_by_the_old_version(client, hr, branches, track, courses):
    started = person("100001", "员工1", branches["BJ01"])
    completed(started, courses[0])
    start = timezone.localdate() + timedelta(days=5)
    client.force_login(hr)

    until = (start + timedelta(days=180)).isoformat()
    preview = preview_of(client, form_of(track, start, asking(course_of(code="third")), transition_until=until))

    row = preview.rows.get()
    assert (row.effect, row.by_old_rule, preview.counts["by_old_rule"]) == ("half_way", True, 1)


def test_the_new_version_begins_as_a_copy_and_says_what_differs(client, hr, track, courses):
    client.force_login(hr)
    page = client.get(reverse("rules:add") + f"?track={track.pk}")

    formset = page.context["form"].formsets["requirements"]
    assert [form.initial["course"] for form in formset.initial_forms] == [course.pk for course in courses]
    preview = preview_of(client, form_of(track, timezone.localdate(), asking(courses[0])))
    shown = client.get(reverse("rules:impact", args=[preview.pk])).context["differences"]
    gone = [
        (difference.before != "", difference.after) for difference in shown if str(courses[1]) in str(difference.what)
    ]
    assert gone == [(True, "")]
    assert not any(str(courses[0]) in str(difference.what) for difference in shown)


def test_a_preview_is_stale_once_the_rules_or_the_draft_are_others(client, hr, track, courses):
    client.force_login(hr)
    data = form_of(track, timezone.localdate(), asking(courses[0]))
    preview = preview_of(client, data)
    again = preview_of(client, data)
    other = preview_of(client, {**data, "note": "另一说明"})
    RuleVersion.objects.create(track=track, number=2, effective_from=timezone.localdate())

    client.post(reverse("rules:impact", args=[preview.pk]), {"do": "save"})

    assert (again.pk == preview.pk, other.pk == preview.pk) == (True, False)
    assert RuleVersion.objects.count() == 2
    assert "已被修改" in client.get(reverse("rules:impact", args=[preview.pk])).text


def test_the_second_person_reads_the_impact_and_the_version_keeps_it(client, hr, branches, track, courses):
    second = person("300003", "钟礼安", branches["HO"], roles=[Role.HR])
    second.postings.update(position=Position.objects.get(code="training"))
    completed(person("100001", "员工1", branches["BJ01"]), *courses)
    client.force_login(hr)
    preview = preview_of(client, form_of(track, timezone.localdate(), asking(course_of(code="third"))))
    client.post(reverse("rules:impact", args=[preview.pk]), {"do": "save"})
    proposal = Proposal.objects.get()
    client.force_login(second)

    page = client.get(reverse("proposals:decide", args=[proposal.pk])).text
    decide_proposal(proposal=proposal, approve=True, note="", actor=second, now=timezone.now())

    assert "将不再全部达标：1" in page
    preview.refresh_from_db()
    assert preview.rule_version == RuleVersion.objects.get(number=2)


def test_the_names_leave_as_a_workbook_and_the_journal_knows(client, hr, branches, track, courses):
    completed(person("000001", "员工1", branches["BJ01"]), *courses)
    client.force_login(hr)
    preview = preview_of(client, form_of(track, timezone.localdate(), asking(course_of(code="third"))))

    answer = client.get(reverse("rules:impact_file", args=[preview.pk]))

    cells = [cell.value for row in load_workbook(io.BytesIO(answer.content)).worksheets[0].rows for cell in row]
    assert "000001" in cells and "员工1" in cells and "将不再全部达标" in cells
    assert JournalEntry.objects.filter(action="certificates.export_impact", actor=hr).count() == 1


def test_a_branch_sees_no_impact_of_the_bank(client, hr, branches, track, courses):
    outside = person("300002", "陆明川", branches["SH"], roles=[Role.HR])
    client.force_login(hr)
    preview = preview_of(client, form_of(track, timezone.localdate(), asking(courses[0])))
    client.force_login(outside)

    assert "影响测算" not in client.get(reverse("rules:impact", args=[preview.pk]), follow=True).text
    client.post(reverse("rules:impact", args=[preview.pk]), {"do": "save"})
    assert RuleVersion.objects.count() == 1


def test_posts_that_nobody_could_meet_any_more_are_named_to_both_who_decide(client, hr, branches, track):
    """The check that speaks where posts are asked for a level speaks where the level changes, too."""
    other = Position.objects.create(code="lending", name="公司客户经理", line="corporate")
    for number in (1, 2):
        person(f"10000{number}", f"员工{number}", branches["BJ01"])
    day = timezone.localdate()
    asked = {"level": track.level, "within_days": 90, "effective_from": day, "now": timezone.now(), "actor": None}
    require_level(position=position(), **asked)
    require_level(line="corporate", **asked)
    second = person("300002", "钟礼安", branches["HO"], roles=[Role.HR])
    client.force_login(hr)

    both = [position().pk, other.pk]
    open_to_all = preview_of(client, form_of(track, day, {"kind": "posted", "positions": both}))
    assert "将无法取得" not in client.get(reverse("rules:impact", args=[open_to_all.pk])).text
    preview = preview_of(client, form_of(track, day, {"kind": "posted", "positions": [other.pk]}))

    page = client.get(reverse("rules:impact", args=[preview.pk])).text
    assert "将无法取得：零售客户经理。" in page and "尚未持有者 3 人" in page and page.count("将无法取得") == 1
    client.post(reverse("rules:impact", args=[preview.pk]), {"do": "save"})
    client.force_login(second)
    assert (
        "将无法取得：零售客户经理。" in client.get(reverse("proposals:decide", args=[Proposal.objects.get().pk])).text
    )


@pytest.mark.parametrize("posts", [1, 3])
def test_the_check_of_posts_asks_as_often_for_many_as_for_one(
    client, hr, branches, track, posts, django_assert_num_queries
):
    day = timezone.localdate()
    for number in range(posts):
        there = Position.objects.create(code=f"p{number}", name=f"岗位{number}", line="corporate")
        asked = {"level": track.level, "within_days": 90, "effective_from": day, "now": timezone.now(), "actor": None}
        require_level(position=there, **asked)
    client.force_login(hr)
    preview = preview_of(client, form_of(track, day, asking(course_of(code="third"))))

    with django_assert_num_queries(11):
        assert posts_barred_by(preview.draft, day) == []


def test_a_row_that_lacks_what_its_kind_needs_is_told_at_the_row(client, hr, track):
    client.force_login(hr)
    answer = client.post(reverse("rules:add"), form_of(track, timezone.localdate(), {"kind": "posted"}))

    assert answer.status_code == 200 and "该类型的条件需要填写此项" in answer.text
