"""The whole story: from nothing learned to a certificate that HR exports and an auditor verifies."""

import io
import zipfile
from datetime import timedelta

import openpyxl
import pytest
from django.core.management import call_command
from django.utils import timezone

from academy.journal import find_broken_link, seal_entries
from academy.models import JournalEntry, Notice, Role
from academy.staff.people import rename_person
from certificates.award.awarding import award_if_met, revoke_certification
from certificates.demo.certifications import DemoRequirement, earn
from certificates.document.codes import normalised
from certificates.document.issuing import correct_certificate, issue_certificate
from certificates.document.verification import masked
from certificates.models import Certificate, Certification, CertificationTrack
from courses.demo.courses import learn, sit, sit_quiz
from courses.models import CoursePage, LessonPage
from courses.progress.learning import check_order
from quizzes.demo.answers import answers_for
from quizzes.models import Question
from tests import worlds
from tests.cast import bank, person

# One worker runs this file, so the curriculum is loaded once.
pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """The starter curriculum, for the tests of this file."""
    with django_db_blocker.unblock(), worlds.standing_in("starter"):
        yield


@pytest.fixture
def curriculum(loaded, db) -> DemoRequirement:
    """What CM1 asks for."""
    return DemoRequirement.of(CertificationTrack.objects.get(code="cm1"))


@pytest.fixture
def people(curriculum):
    branches = bank()
    return {
        "learner": person("100001", "欧阳文澜", branches["BJ01"]),
        "outsider": person("100099", "林一舟", branches["SH01"]),
        "trainer": person("200001", "宋知远", branches["HO"], roles=[Role.TRAINER]),
        "hr": person("300001", "苏映雪", branches["HO"], roles=[Role.HR]),
        "hr_shanghai": person("300002", "陆明川", branches["SH"], roles=[Role.HR]),
        "auditor": person("600001", "严守正", branches["HO"], roles=[Role.AUDITOR]),
    }


def certify(learner, asked, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        earn(learner=learner, asked=asked, begun=timezone.now() - timedelta(days=20))
    return Certificate.objects.get(person=learner)


def test_a_new_hire_earns_a_certificate_that_hr_exports(
    people, curriculum, client, tmp_path, django_capture_on_commit_callbacks
):
    learner = people["learner"]

    certificate = certify(learner, curriculum, django_capture_on_commit_callbacks)

    assert certificate.serial.startswith("CM1-")
    assert certificate.serial.endswith("-000001")
    assert Notice.objects.filter(person=learner, kind="certificate_ready").count() == 1
    client.force_login(learner)
    assert "高级客户经理" in client.get("/").content.decode()
    pdf = client.get(f"/certificates/{certificate.code}.pdf")
    assert pdf["Content-Type"] == "application/pdf"
    assert b"".join(pdf.streaming_content).startswith(b"%PDF")
    client.logout()
    page = client.get(f"/verify/{certificate.grouped_code.lower()}/").content.decode()
    assert "欧阳**" in page
    assert "欧阳文澜" not in page
    assert "欧阳文澜" in client.post(f"/verify/{certificate.code}/", {"holder": "100001"}).content.decode()
    client.force_login(people["hr"])
    with django_capture_on_commit_callbacks(execute=True):
        started = client.post("/cms/register/export/?track=cm1")
    progress = client.get(started["Location"]).content.decode()
    address = progress.split('href="/exports/')[1].split('"')[0]
    packed = zipfile.ZipFile(io.BytesIO(b"".join(client.get("/exports/" + address).streaming_content)))
    name = f"100001_欧阳文澜_{certificate.serial}.pdf"
    assert set(packed.namelist()) == {name, "register.xlsx", "manifest.csv"}
    assert certificate.pdf_digest or certificate.serial in packed.read("manifest.csv").decode("utf-8-sig")
    sheet = openpyxl.load_workbook(io.BytesIO(packed.read("register.xlsx"))).worksheets[0]
    rows = list(sheet.values)
    head = next(row for row in rows if row[0] == "序号")
    line = dict(zip(head, rows[rows.index(head) + 1], strict=True))
    assert (line["工号"], line["姓名"], line["一级分行"], line["截至日状态"]) == (
        "100001",
        "欧阳文澜",
        "北京分行",
        "有效",
    )


def test_the_result_that_brought_a_certificate_shows_it_and_the_next_step(
    people, curriculum, client, django_capture_on_commit_callbacks
):
    learner = people["learner"]
    certificate = certify(learner, curriculum, django_capture_on_commit_callbacks)
    brought = learner.attempts.get(followed_up_at=certificate.certification.recorded_at)
    other = learner.attempts.exclude(pk=brought.pk).first()
    client.force_login(learner)

    page = client.get(f"/quizzes/attempts/{brought.uuid}/result/").content.decode()

    assert "您获得了一本证书" in page and certificate.serial in page
    assert f"{certificate.get_absolute_url()}?download" in page
    assert "证书台账" in page and "下一步" in page and "CM2" in page.split("下一步")[1]
    assert "您获得了一本证书" not in client.get(f"/quizzes/attempts/{other.uuid}/result/").content.decode()
    revoke_certification(
        certification=certificate.certification, reason="核实无效", now=timezone.now(), actor=people["hr"]
    )
    assert certificate.serial not in client.get(f"/quizzes/attempts/{brought.uuid}/result/").content.decode()


def test_a_failed_exam_names_topics_and_the_lessons_to_read_again(people, curriculum, client):
    learner, begun = people["learner"], timezone.now() - timedelta(days=20)
    for course in curriculum.courses:
        learn(learner=learner, course=course, begun=begun)
        sit_quiz(learner=learner, course=course, now=begun + timedelta(days=2))
    failed = sit(learner=learner, quiz=curriculum.exam, now=begun + timedelta(days=4), wrong=14)
    client.force_login(learner)

    result = client.get(f"/quizzes/attempts/{failed.uuid}/result/")
    page, told = result.content.decode(), result.context["topics"]

    # Every question that counts stands under one of them, so that they add up to the mark.
    assert sum(topic.asked for topic in told) == sum(place["mark"] != "0" for place in failed.paper)
    assert (sum(topic.mark for topic in told), sum(topic.max_mark for topic in told)) == (failed.mark, failed.max_mark)
    topics = page.split('id="topics-title"')[1].split("</section>")[0]
    named = {course.local_title for course in curriculum.courses if course.local_title in topics}
    assert len(named) > 1 and "建议重读" in topics
    linked = [page for page in LessonPage.objects.live().filter(locale__language_code="zh-hans") if page.url in topics]
    assert linked
    assert client.get(linked[0].url).status_code == 200


def test_same_question_same_bytes(people, curriculum, tmp_path, django_capture_on_commit_callbacks):
    certify(people["learner"], curriculum, django_capture_on_commit_callbacks)
    known = timezone.now().isoformat()
    seal_entries(now=timezone.now() - timedelta(hours=1))
    call_command("export_certificates", output=str(tmp_path / "0.zip"), known_as_of=known)

    call_command("export_certificates", output=str(tmp_path / "1.zip"), known_as_of=known)
    call_command("export_certificates", output=str(tmp_path / "2.zip"), known_as_of=known)

    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()


def test_everything_twice_is_everything_once(people, curriculum, django_capture_on_commit_callbacks):
    learner = people["learner"]
    certificate = certify(learner, curriculum, django_capture_on_commit_callbacks)
    track = CertificationTrack.objects.get(code="cm1")

    again = award_if_met(person=learner, track=track, now=timezone.now())
    issued = issue_certificate(certification=certificate.certification, now=timezone.now())
    call_command("rebuild_progress")
    call_command("load_starter_curriculum")

    assert again is None
    assert issued.pk == certificate.pk
    assert Certification.objects.count() == Certificate.objects.count() == 1


def test_a_corrected_name_supersedes_and_a_revoked_one_says_so(
    people, curriculum, client, django_capture_on_commit_callbacks
):
    old = certify(people["learner"], curriculum, django_capture_on_commit_callbacks)
    now = timezone.now()
    rename_person(person=people["learner"], display_name="欧阳文蓝", now=now, actor=people["hr"], reason="户籍更正")
    old.refresh_from_db()
    new = correct_certificate(certificate=old, reason="姓名更正", now=now, actor=people["hr"])

    replaced = client.get(f"/verify/{old.code}/").content.decode()
    revoke_certification(certification=new.certification, reason="核实无效", now=now, actor=people["hr"])
    revoked = client.get(f"/verify/{new.code}/").content.decode()

    assert new.serial in replaced
    assert old.snapshot["holder_name"] == "欧阳文澜"
    assert new.snapshot["holder_name"] == "欧阳文蓝"
    assert new.sequence == old.sequence + 1
    assert "已撤销" in revoked


def test_a_name_that_no_font_has_blocks_the_issue_and_names_the_character(
    people, curriculum, client, django_capture_on_commit_callbacks
):
    learner = people["learner"]
    learner.display_name = "张🙂"
    learner.save()
    earn(learner=learner, asked=curriculum, begun=timezone.now() - timedelta(days=20))
    client.force_login(people["hr"])

    page = client.get("/cms/register/blocked/").content.decode()

    assert Certification.objects.count() == 1
    assert Certificate.objects.count() == 0
    assert "🙂" in page


def test_the_outsider_sees_nothing(people, curriculum, client, django_capture_on_commit_callbacks):
    certificate = certify(people["learner"], curriculum, django_capture_on_commit_callbacks)
    attempt = people["learner"].attempts.get(quiz__code="business-etiquette-quiz")
    private = [
        f"/certificates/{certificate.code}.pdf",
        attempt.get_absolute_url(),
        f"/quizzes/attempts/{attempt.uuid}/result/",
        f"/quizzes/attempts/{attempt.uuid}/submit/",
        f"/cms/register/certificate/{certificate.pk}/",
        f"/cms/users/inspect/{people['learner'].pk}/",
        f"/cms/users/edit/{people['learner'].pk}/",
        f"/cms/users/first-passwords/?person={people['learner'].pk}",
    ]

    for name in ("outsider", "hr_shanghai"):
        client.force_login(people[name])
        answers = {url: client.get(url).status_code for url in private}
        assert set(answers.values()) == {404}, (name, answers)
    client.force_login(people["hr_shanghai"])
    assert "欧阳文澜" not in client.get("/cms/register/").content.decode()
    assert "欧阳文澜" not in client.get("/cms/users/").content.decode()
    client.logout()
    assert {client.get(url).status_code for url in private} == {302}


def test_pages_in_both_languages_for_everybody(people, curriculum, client, django_capture_on_commit_callbacks):
    certify(people["learner"], curriculum, django_capture_on_commit_callbacks)
    page = LessonPage.objects.filter(locale__language_code="en").first()
    course = CoursePage.objects.filter(locale__language_code="zh-hans").first()
    learner_pages = [
        "/",
        "/my/certificates/",
        "/my/transcript/",
        "/my/notices/",
        "/my/profile/",
        "/verify/",
        page.url,
        course.url,
    ]
    hr_pages = [
        "/cms/",
        "/cms/users/",
        "/cms/register/",
        "/cms/register/lacking/",
        "/cms/branches/",
        "/cms/role_grants/",
        "/cms/journal/",
        "/cms/tracks/",
        "/cms/rules/",
        "/cms/rules/new/",
        "/cms/designs/",
        "/cms/users/new/",
    ]
    trainer_pages = [
        "/cms/",
        "/cms/questions/",
        "/cms/questions/add/",
        "/cms/questions/add/?type=matching",
        "/cms/quizzes/",
        "/cms/quizzes/add/",
        "/cms/questions/import/",
        f"/cms/pages/{page.pk}/edit/",
        f"/cms/pages/{course.pk}/edit/",
    ]

    for language in ("zh-hans", "en"):
        for name, urls in (
            ("learner", learner_pages),
            ("hr", hr_pages),
            ("auditor", ["/cms/register/", "/cms/journal/"]),
            ("trainer", trainer_pages),
        ):
            user = people[name]
            user.language = language
            user.save()
            client.force_login(user)
            found = {url: client.get(url).status_code for url in urls}
            assert set(found.values()) == {200}, (name, language, found)


def test_search_finds_words_inside_a_run_of_chinese(people, curriculum, client):
    client.force_login(people["learner"])

    found = client.get("/zh-hans/", {"q": "残币 零钞"}).content.decode()
    nothing = client.get("/zh-hans/", {"q": "天文望远镜"}).content.decode()

    assert "商务礼仪" in found
    assert "没有找到" in nothing


def test_lesson_is_done_after_its_question_was_answered_right(people, curriculum, client):
    page = (
        LessonPage.objects.filter(locale__language_code="zh-hans", lesson__course__code="business-etiquette")
        .order_by("path")
        .first()
    )
    client.force_login(people["learner"])
    client.post("/courses/business-etiquette/enrol/")

    client.post(f"/courses/lessons/{page.pk}/done/")
    early = page.lesson.progress.get().done_at
    question = Question.objects.get(pk=page.check_question_id)
    version = question.current_version
    right, wrong = answers_for(version, check_order(version, people["learner"].pk))
    client.post(f"/courses/lessons/{page.pk}/check/", wrong)
    client.post(f"/courses/lessons/{page.pk}/done/")
    once = page.lesson.progress.get()
    client.post(f"/courses/lessons/{page.pk}/check/", right)
    client.post(f"/courses/lessons/{page.pk}/done/")

    assert early is None
    assert (once.check_right, once.done_at) == (False, None)
    assert page.lesson.progress.get().done_at is not None


def test_a_page_may_go_while_the_facts_stand(people, curriculum, client, django_capture_on_commit_callbacks):
    certify(people["learner"], curriculum, django_capture_on_commit_callbacks)

    for page in CoursePage.objects.all():
        page.delete()
    client.force_login(people["learner"])

    assert "商务礼仪" in client.get("/my/transcript/").content.decode()
    assert people["learner"].enrolments.filter(completed_on__isnull=False).count() == len(curriculum.courses)


def test_journal_chain_shows_a_later_change(people, curriculum, django_capture_on_commit_callbacks):
    certify(people["learner"], curriculum, django_capture_on_commit_callbacks)
    seal_entries(now=timezone.now())
    assert find_broken_link() is None
    entry = JournalEntry.objects.order_by("number")[2]

    JournalEntry.objects.filter(pk=entry.pk).update(payload={"reason": "forged"})
    forged = find_broken_link()
    JournalEntry.objects.filter(pk=entry.pk).update(payload=None)
    erased = find_broken_link()

    assert forged.entry_id == entry.pk
    assert erased is None


def test_codes_forgive_typing_and_names_are_masked():
    assert normalised("oIlu 2345-6789 abcd-efgh") == "011V23456789ABCDEFGH"
    assert normalised("short") == ""
    assert masked("欧阳文澜") == "欧阳**"
    assert masked("李四") == "李**"
    assert masked("Maria Lopez") == "M**** L****"
