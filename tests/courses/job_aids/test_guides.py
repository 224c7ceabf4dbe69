"""Coach guides: loaded beside the courses, read by who leads people and by nobody else."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from academy.models import Role
from courses.models import JobAid
from courses.starter.job_aids import load_guides, load_job_aids
from courses.starter.markdown import Unreadable
from courses.starter.records import Records
from tests.academy.house_rules.factories import rule_of
from tests.cast import bank, person
from tests.courses.factories import course_of

pytestmark = pytest.mark.django_db

FILE = "---\ntitle: {title}\nkind: guide\npurpose: 周一\ncourse: complaints\naids: [entry]\n---\n## 周一问\n\n- {{{{ rule:first-reply }}}}\n"
AID = "---\ntitle: 登记单\nkind: form\npurpose: 一开口\nlessons: []\n---\n写下原话。\n"


@pytest.fixture
def folder(tmp_path):
    course_of("complaints", lessons=1)
    rule_of("first-reply", "hours", "3")
    for place, texts in (
        ("job_aids/entry", {"zh-hans": AID, "en": AID}),
        ("guides/complaints", {"zh-hans": FILE.format(title="教练指南：投诉"), "en": FILE.format(title="Complaints")}),
        # A course that is not loaded here.
        ("guides/elsewhere", {"zh-hans": FILE.format(title="别处"), "en": FILE.format(title="Elsewhere")}),
    ):
        (tmp_path / place).mkdir(parents=True)
        for language, text in texts.items():
            (tmp_path / place / f"{language}.md").write_text(text, encoding="utf-8")
    return tmp_path


def load(folder) -> list[str]:
    records = Records()
    load_job_aids(folder / "job_aids", records=records, now=timezone.now())
    load_guides(folder / "guides", records=records, now=timezone.now())
    return records.report


@pytest.fixture
def guide(folder) -> JobAid:
    load(folder)
    return JobAid.objects.get(kind="guide")


def test_it_is_loaded_beside_its_course_and_once(guide, folder):
    assert (guide.code, guide.course.code) == ("coach-complaints", "complaints")
    assert [aid.code for aid in guide.goes_with.all()] == ["entry"]
    assert load(folder) == []
    JobAid.objects.filter(kind="guide").update(body="我们自己的话")
    text = (folder / "guides/complaints/zh-hans.md").read_text(encoding="utf-8")
    (folder / "guides/complaints/zh-hans.md").write_text(text.replace("周一问", "周一先问"), encoding="utf-8")
    assert load(folder) == ["guides/complaints: left alone, it was edited here"]


def test_a_job_aid_that_is_not_there_is_named(folder):
    for path in (folder / "guides/complaints").iterdir():
        path.write_text(path.read_text(encoding="utf-8").replace("[entry]", "[entry, sheet]"), encoding="utf-8")
    with pytest.raises(Unreadable, match="no job aid sheet"):
        load(folder)


def test_a_manager_finds_it_and_a_learner_does_not(guide, client):
    branch = bank()["BJ01"]
    manager = person("200001", "罗知雨", branch, roles=[Role.LINE_MANAGER])
    learner = person("100001", "林见鹿", branch)
    printed = reverse("courses:job_aid_pdf", args=[guide.code, "zh-hans"])
    for who, status in ((manager, 200), (learner, 404)):
        client.force_login(who)
        assert client.get(guide.get_absolute_url()).status_code == status
        assert client.get(printed).status_code == status
        for address in (reverse("courses:job_aids"), reverse("courses:course", args=["complaints"])):
            shown = client.get(address, follow=True).content.decode()
            assert (guide.get_absolute_url() in shown) == (status == 200)
        found = client.get(reverse("courses:catalogue"), {"q": "周一"}, follow=True).content.decode()
        assert guide.get_absolute_url() not in found


def test_it_says_the_house_rules_and_what_goes_with_it(guide, client):
    client.force_login(person("200001", "罗知雨", bank()["BJ01"], roles=[Role.LINE_MANAGER]))
    page = client.get(guide.get_absolute_url()).content.decode()
    assert "3 小时" in page
    assert reverse("courses:job_aid", args=["entry"]) in page


def test_a_guide_names_its_course_and_a_card_none(guide):
    guide.course = None
    with pytest.raises(ValidationError, match="教练指南须指明课程"):
        guide.full_clean()
