"""HR, the line manager and the learner in a real browser: one assignment and one requirement, the same names and days."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.duties.assignments.evaluating import evaluate_all
from academy.models import CareerLevel, Notice, Role
from academy.staff.people import post_person
from certificates.models import CertificationTrack, TrackAssignee
from certificates.posts.asking import require_level
from tests.cast import OPENED, bank, person, position

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_who_is_late_stands_the_same_for_hr_the_manager_and_the_learner(walk, language):
    now, today = timezone.now(), timezone.localdate()
    branches = bank()
    level = CareerLevel.objects.create(code="CM1", rank=1, name="见习客户经理", name_en="Trainee")
    track = CertificationTrack.objects.create(
        code="cm1", level=level, name="见习客户经理认证", name_en="Trainee certification", days_needed=1
    )
    require_level(level=level, position=position(), within_days=60, effective_from=OPENED, now=now, actor=None)
    person("300001", "苏映雪", branches["HO"], roles=[Role.HR], language=language)
    person("300002", "上海人力", branches["SH"], roles=[Role.HR], language=language)
    boss = person("400001", "贺兰舟", branches["BJ"], roles=[Role.LINE_MANAGER], language=language, posted=today)
    late = person("110001", "林晚", branches["BJ01"], language=language)
    fresh = person("110002", "苏眠", branches["BJ01"], language=language, posted=today - timedelta(days=9))
    for one in (late, fresh):
        one.postings.update(manager=boss)
    due = today + timedelta(days=20)

    # HR: an audience with its names, an assignment with its date.
    hr = walk(width=1280, height=1000)
    page = hr.page
    hr.sign_in("300001", then="/cms/assignments/audiences/new/")
    page.fill("[name=name]", "北京客户经理")
    page.select_option("[name=branch]", str(branches["BJ01"].pk))
    page.select_option("[name=position]", str(position().pk))
    page.click("#audience button:not([name=save])")
    page.wait_for_selector("#preview >> text=林晚")
    hr.check("audience", "main")
    with page.expect_navigation():
        page.click("button[name=save]")
    page.goto(hr.url + "/cms/assignments/track/new/")
    page.select_option("[name=track]", str(track.pk))
    page.select_option("[name=audience]", label=page.inner_text("[name=audience] option >> nth=1"))
    page.select_option("[name=due_from]", "fixed")
    # A slip stays as it was typed for the form to name: the picker would make another day of it without a word.
    page.fill("[name=due_date]", "2027-06-31")
    page.press("[name=due_date]", "Tab")
    assert page.input_value("[name=due_date]") == "2027-06-31"
    page.fill("[name=due_date]", due.isoformat())
    page.click("form.academy-form .academy-buttons button:not([name=save])")
    page.wait_for_selector("#preview >> text=苏眠")
    hr.check("assignment", "main")
    page.click("button[name=save]")
    page.wait_for_selector("table.listing >> text=林晚")
    hr.check("people of the assignment", ".academy-table")

    # HR: the board, the names behind a number, a word to the one who is late.
    page.goto(hr.url + "/cms/board/?branch=BJ")
    hr.check("board", "main")
    numbers = page.locator("table.academy-board tr", has_text="望京网点").first.locator("td").all_inner_texts()
    assert [text.strip() for text in numbers[:4]] == ["2", "0", "1", "1"]
    page.goto(hr.url + "/cms/board/names/?show=urge&branch=BJ01")
    page.check(f"[name=person][value='{late.pk}']")
    hr.check("to be urged", "main")
    page.fill("[name=words]", "请本周内完成")
    page.click("form button[type=submit]:not([name=whom]) >> text=/勾选|selected/")
    page.wait_for_selector("[name=sure]", state="attached")
    hr.check("how many are reminded", "main")
    page.click("form:has([name=sure]) button[type=submit]")
    page.wait_for_selector("[name=sure]", state="detached")
    assert Notice.objects.get(kind="certificates.nudge").person == late

    # The manager: the same two names, the late one first, the same numbers and the same day.
    manager = walk(width=360)
    manager.sign_in("400001", then="/team/")
    manager.check("team")
    cards = manager.page.locator(".member")
    assert [cards.nth(at).locator(".member__name a").inner_text() for at in (0, 1)] == ["林晚", "苏眠"]
    assert (today - timedelta(days=30)).isoformat() in cards.nth(0).inner_text()
    manager.page.locator("[data-select-all]").check()
    assert manager.page.locator(".member [type=checkbox]:checked").count() == 2
    # On paper nothing is pressed or ticked.
    manager.page.emulate_media(media="print")
    assert manager.page.locator("main :is(.button, button, input, select) >> visible=true").count() == 0
    manager.page.emulate_media(media="screen")
    cards.nth(0).locator("a").click()
    manager.check("one of the team")
    # One thing that is asked twice stands once, by the earlier day.
    assert (today - timedelta(days=30)).isoformat() in manager.page.inner_text("main")
    assert due.isoformat() not in manager.page.inner_text("main")

    # The learner: the same thing, late, once; and the word.
    learner = walk(width=360)
    learner.sign_in("110001", then="/my/todo/")
    learner.check("to do")
    asked = learner.page.locator(".row", has_text="CM1")
    late_word = "已逾期" if language == "zh-hans" else "overdue"
    assert asked.count() == 1 and late_word in asked.inner_text().lower()
    learner.page.goto(learner.url + "/my/notices/")
    assert "请本周内完成" in learner.page.inner_text("main")

    # Moved to Shanghai a day after it was assigned: every one of these changes, yesterday's board does not.
    TrackAssignee.objects.update(since=today - timedelta(days=1))
    post_person(
        person=late, branch=branches["SH01"], position=position(), effective_from=today, now=timezone.now(), actor=None
    )
    evaluate_all(now=timezone.now())
    for day, names in ((today, {"苏眠"}), (today - timedelta(days=1), {"林晚", "苏眠"})):
        page.goto(hr.url + f"/cms/board/names/?show=required&branch=BJ01&on={day}")
        assert {name for name in ("林晚", "苏眠") if name in page.inner_text("main")} == names
    manager.page.goto(manager.url + "/team/")
    assert "林晚" not in manager.page.inner_text("main")
    learner.page.goto(learner.url + "/my/todo/")
    assert not learner.page.locator(".row", has_text=track.name if language == "zh-hans" else track.name_en).count()

    # HR of the other branch sees the one who came, and nothing of Beijing.
    other = walk(width=1280)
    other.sign_in("300002", then="/cms/board/names/?show=required")
    assert "林晚" in other.page.inner_text("main")
    assert "苏眠" not in other.page.inner_text("main")
    assert other.page.goto(other.url + "/cms/board/?branch=BJ").status == 404
    assert other.page.goto(other.url + "/team/").status == 404
    assert hr.found + manager.found + learner.found == []
