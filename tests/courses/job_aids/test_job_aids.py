"""Job aids: loaded, edited, read with the figures of one's own branch, printed on one page, found."""

import io
import os
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from pikepdf import Pdf

from academy.doors import quoted_in
from academy.models import Role
from academy.operations.sweeping import sweep
from courses.models import JobAid, Lesson, LessonPage
from courses.starter.job_aids import load_job_aids
from courses.starter.markdown import Unreadable
from courses.starter.records import Records
from tests.academy.house_rules.factories import rule_of, value_of
from tests.cast import bank, person
from tests.courses.factories import course_of

pytestmark = pytest.mark.django_db

BODY = "首次答复在 {{ rule:first-reply }} 内。\n\n[[ 客户 ]]\n\n- [ ] 已登记\n"
BODY_EN = "First reply within {{ rule:first-reply }}.\n\n[[ Client ]]\n\n- [ ] Entered\n"
FILE = '---\ntitle: {title}\nkind: form\npurpose: "{purpose}"\nlessons: [complaints/lesson-1]\n---\n{body}'


@pytest.fixture
def rule():
    return rule_of("first-reply", "hours", "3")


@pytest.fixture
def folder(tmp_path):
    course_of("complaints", lessons=1)
    aid = tmp_path / "job_aids" / "complaint-entry"
    aid.mkdir(parents=True)
    (aid / "zh-hans.md").write_text(FILE.format(title="投诉登记单", purpose="客户一开口", body=BODY), encoding="utf-8")
    english = FILE.format(title="Complaint entry", purpose="As soon as a client complains", body=BODY_EN)
    (aid / "en.md").write_text(english, encoding="utf-8")
    return tmp_path / "job_aids"


def load(folder) -> list[str]:
    records = Records()
    load_job_aids(folder, records=records, now=timezone.now())
    return records.report


@pytest.fixture
def aid(rule, folder) -> JobAid:
    load(folder)
    return JobAid.objects.get()


def pdf(client, aid, language="zh-hans") -> bytes:
    response = client.get(reverse("courses:job_aid_pdf", args=[aid.code, language]))
    assert response.headers["Content-Type"] == "application/pdf"
    return response.content


def test_loading_twice_changes_nothing_and_an_edit_stays(aid, folder):
    assert load(folder) == []
    JobAid.objects.update(purpose="我们自己的话")
    text = (folder / "complaint-entry" / "zh-hans.md").read_text(encoding="utf-8")
    (folder / "complaint-entry" / "zh-hans.md").write_text(text.replace("投诉登记单", "投诉单"), encoding="utf-8")
    assert load(folder) == ["job_aids/complaint-entry: left alone, it was edited here"]
    assert JobAid.objects.get().name == "投诉登记单"


def test_what_changed_in_a_file_is_taken_over(aid, folder):
    text = (folder / "complaint-entry" / "zh-hans.md").read_text(encoding="utf-8")
    (folder / "complaint-entry" / "zh-hans.md").write_text(text.replace("投诉登记单", "投诉单"), encoding="utf-8")
    assert load(folder) == ["job aid complaint-entry"]
    assert JobAid.objects.get().name == "投诉单"


def test_a_file_with_other_lines_than_its_twin_is_refused(rule, folder):
    english = folder / "complaint-entry" / "en.md"
    english.write_text(english.read_text(encoding="utf-8").replace("- [ ] Entered", "Entered"), encoding="utf-8")
    with pytest.raises(Unreadable, match="same lines and boxes"):
        load(folder)


def test_everybody_reads_the_figures_of_their_branch(aid, rule, client):
    branches = bank()
    value_of(rule, "5", branch=branches["SH"])
    for number, branch, said in (("100001", "BJ01", "3 小时"), ("100002", "SH01", "5 小时")):
        client.force_login(person(number, "林见鹿", branches[branch]))
        page = client.get(aid.get_absolute_url()).content.decode()
        assert f"首次答复在 {said} 内" in page
        assert 'data-blank="f1"' in page


def test_the_lesson_that_names_it_leads_to_it(aid, client):
    client.force_login(person("100001", "林见鹿", bank()["BJ01"]))
    page = client.get(LessonPage.objects.get().get_url()).content.decode()
    assert aid.get_absolute_url() in page
    JobAid.objects.update(name="投诉单")
    assert "投诉单" in client.get(LessonPage.objects.get().get_url()).content.decode()
    assert "第 1 节" in client.get(aid.get_absolute_url()).content.decode()


def test_one_page_in_each_language_laid_out_once_a_version(aid, client, settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path / "private"
    client.force_login(person("100001", "林见鹿", bank()["BJ01"]))
    rule_of("bank-name", "text", "江南银行", value_en="Jiangnan Bank")
    for language in ("zh-hans", "en"):
        first = pdf(client, aid, language)
        assert len(Pdf.open(io.BytesIO(first)).pages) == 1
    kept = sorted((tmp_path / "private" / "printed").iterdir())
    assert len(kept) == 2
    made = [path.stat().st_ctime_ns for path in kept if "-zh-" in path.name]
    assert pdf(client, aid, "en") == first
    assert [path.stat().st_ctime_ns for path in kept if "-zh-" in path.name] == made
    JobAid.objects.update(body=BODY.replace("客户", "客户姓名"))
    pdf(client, aid)
    assert len(list((tmp_path / "private" / "printed").iterdir())) == 3


def test_a_page_of_before_goes_once_nobody_asks_for_it(aid, client, settings, tmp_path):
    """A changed text leaves its old page behind; what somebody opened lately stays."""
    settings.PRIVATE_ROOT, settings.VAR_DIR = tmp_path / "private", tmp_path
    client.force_login(person("100001", "林见鹿", bank()["BJ01"]))
    pdf(client, aid)
    printed = tmp_path / "private" / "printed"
    (old,) = printed.iterdir()
    JobAid.objects.update(body=BODY.replace("客户", "客户姓名"))
    pdf(client, aid)
    now = timezone.now()
    ago = (now - timedelta(days=31)).timestamp()
    for path in printed.iterdir():
        os.utime(path, (ago, ago))
    pdf(client, aid)
    assert sweep(now, timezone.localdate()) == 1
    assert old not in set(printed.iterdir())
    assert len(list(printed.iterdir())) == 1


def test_what_is_not_in_use_is_not_found(aid, client):
    client.force_login(person("100001", "林见鹿", bank()["BJ01"]))
    assert "投诉登记单" in client.get(reverse("courses:job_aids")).content.decode()
    JobAid.objects.update(active=False)
    assert "投诉登记单" not in client.get(reverse("courses:job_aids")).content.decode()
    assert client.get(aid.get_absolute_url()).status_code == 404
    assert client.get(reverse("courses:job_aid_pdf", args=[aid.code, "en"])).status_code == 404


def test_the_search_finds_it_in_both_languages(aid, client):
    client.force_login(person("100001", "林见鹿", bank()["BJ01"]))
    for asked in ("已登记", "Entered", "投诉登记"):
        found = client.get(reverse("courses:catalogue"), {"q": asked}, follow=True).content.decode()
        assert aid.get_absolute_url() in found
    nothing = client.get(reverse("courses:catalogue"), {"q": "信用卡"}, follow=True).content.decode()
    assert aid.get_absolute_url() not in nothing


def test_a_rule_names_the_aids_that_quote_it(aid, rule):
    assert [one.text for one in quoted_in(rule)] == ["岗位工具：投诉登记单"]


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("body", "[[ 客户 | 99 ]]", "填写处的写法"),
        ("body_en", "[[ Client ]]", "次序也相同"),
        ("body", BODY + "{{ rule:no-such-rule }}", "no-such-rule"),
        ("body", BODY + "一句话。\n\n" * 400, "放不下"),
    ],
)
def test_what_stands_against_it_is_said(aid, field, text, said):
    setattr(aid, field, text)
    with pytest.raises(ValidationError, match=said):
        aid.full_clean()


def test_a_trainer_of_head_office_writes_it_in_both_languages(aid, client):
    client.force_login(person("300001", "顾行舟", bank()["HO"], roles=[Role.TRAINER]))
    address = reverse("job_aids:edit", args=[aid.pk])
    data = {
        "name": "投诉登记单",
        "name_en": "Complaint entry",
        "purpose": "客户一开口",
        "purpose_en": "At once",
        "kind": "form",
        "sort_order": "0",
        "active": "on",
        "body": BODY + "\n请写清楚。",
        "body_en": BODY_EN + "\nWrite clearly.",
        "lessons": [Lesson.objects.get().pk],
    }
    before = aid.changed_at
    assert client.get(address).status_code == 200
    assert client.post(address, data).status_code == 302
    aid.refresh_from_db()
    assert aid.body_en.endswith("Write clearly.")
    assert aid.lessons.count() == 1
    assert aid.changed_at >= before


def test_nobody_else_writes_it(aid, client):
    client.force_login(person("100001", "林见鹿", bank()["BJ01"]))
    assert client.get(reverse("job_aids:edit", args=[aid.pk])).status_code in (302, 404)


def test_what_is_written_is_not_sent(aid, client):
    """The form has neither an address nor names that a browser would send."""
    client.force_login(person("100001", "林见鹿", bank()["BJ01"]))
    page = client.get(aid.get_absolute_url()).content.decode()
    form = page[page.index("data-aid=") : page.index("</form>", page.index("data-aid="))]
    assert "action=" not in form
    assert " name=" not in form
