"""What the register, its workbook and the verification say is true on the day asked, and says what it leaves out."""

from datetime import date, timedelta

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from academy.decisions.four_eyes import decide_proposal
from academy.models import AccessLog, JournalEntry, Role, User
from certificates.models import Appointment, AwardCandidate, Certificate, Certification, PositionRequirement
from certificates.register.checksum import Checksum
from certificates.register.columns import COLUMNS, MEANINGS, STATUSES, WAYS_OF_AWARD
from certificates.register.exporting import write_register
from certificates.register.rows import RegisterQuery, certificates_asked, every_row, replaced_ones, rows_of_certificates
from certificates.rules.statuses import Status
from tests.cast import person, position
from tests.certificates.deciding.scenes import TODAY, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]
DAY = timedelta(days=1)


@pytest.fixture
def world():
    return World()


def asked(on: date, **filters) -> RegisterQuery:
    return RegisterQuery(as_of=on, known_as_of=timezone.now(), **filters)


def rows(on: date, **filters):
    return list(every_row(asked(on, **filters), User.objects.all()))


def chosen(on: date, status: str) -> set[int]:
    return set(certificates_asked(asked(on, status=status), User.objects.all()).values_list("pk", flat=True))


def corrected(world) -> tuple[Certificate, Certificate]:
    world.holds(world.learner, world.cm2)
    User.objects.filter(pk=world.learner.pk).update(display_name="欧阳文岚")
    world.learner.refresh_from_db()
    world.decide("correct", track=world.cm2)
    new = Certificate.objects.get(superseded_by=None)
    assert new.supersedes is not None
    return new.supersedes, new


def test_what_a_replaced_paper_prints_leads_to_the_one_that_stands(world, client):
    old, new = corrected(world)
    client.force_login(world.hr)

    for printed in (old.serial, "欧阳文澜", new.serial):
        assert [row.certificate for row in rows(TODAY(), search=printed)] == [new]
        page = client.get(reverse("register:index"), {"q": printed}).content.decode().split("<tbody>")[1]
        assert new.serial in page and "换发自" in page and old.serial in page
    # On the day before, nobody knew of the newer number.
    assert rows(TODAY() - DAY, search=new.serial) == []
    listed = client.get(reverse("register:index"), {"status": "replaced"}).content.decode().split("<tbody>")[1]
    assert old.serial in listed and reverse("register:certificate", args=[new.pk]) in listed


def test_a_workbook_says_what_it_leaves_out(world, tmp_path):
    corrected(world)

    def said(question) -> dict:
        left_out = replaced_ones(question, User.objects.all()).count()
        listed = every_row(question, User.objects.all())
        write_register(tmp_path / "register.xlsx", listed, question, False, Checksum(), left_out)
        sheet = openpyxl.load_workbook(tmp_path / "register.xlsx").worksheets[0]
        return dict(row[:2] for row in sheet.iter_rows(max_row=10, values_only=True))

    assert "已换发的旧证书 1 本" in said(asked(TODAY()))["未列入"]
    assert said(asked(TODAY(), status="replaced"))["未列入"] == said(asked(TODAY() - DAY))["未列入"] == "无"
    assert said(asked(TODAY(), status="replaced", level="CM2"))["查询条件"] == "资格等级：CM2；状态：已换发"
    assert said(asked(TODAY()))["查询条件"] == "全部"
    assert "未到日期" in said(asked(TODAY() + DAY))["截至日"] and "未到" not in said(asked(TODAY()))["截至日"]


def test_every_column_says_what_it_means_and_names_every_word_it_uses():
    assert set(MEANINGS) == set(COLUMNS) and all(MEANINGS.values())
    assert all(word in MEANINGS["截至日状态"] for word in STATUSES.values())
    assert all(word in MEANINGS["取得方式"] for word in (*WAYS_OF_AWARD.values(), "换发"))


def test_the_page_of_a_certificate_says_all_that_a_verification_does_and_by_whom(world, client):
    """Issue, code, document number, what moved the end and why, and who replaced or revoked it, each with its entry."""
    old = world.holds(world.learner, world.cm2)
    Certification.objects.filter(pk=old.pk).update(document_number="人资发〔2026〕86号")
    world.decide("extend", track=world.cm2, until=old.valid_through + timedelta(days=30), reason="疫情期间未能续期")
    first = old.certificates.get()
    client.force_login(world.hr)

    def said(one):
        return client.get(reverse("register:certificate", args=[one.pk])).content.decode()

    page = said(first)
    for words in (
        first.grouped_code,
        first.issued_on.isoformat(),
        "人资发〔2026〕86号",
        "疫情期间未能续期",
        "经决定延期",
    ):
        assert words in page
    assert f"证书所载为 {old.valid_through.isoformat()}" in page
    User.objects.filter(pk=world.learner.pk).update(display_name="欧阳文岚")
    world.learner.refresh_from_db()
    world.decide("correct", track=world.cm2, reason="更名")
    new = Certificate.objects.get(superseded_by=None)
    world.decide("revoke", track=world.cm2, reason="代考")
    for one, reason, row in ((first, "更名", new), (new, "代考", Certification.objects.get().ending)):
        entry = JournalEntry.objects.get(fact=f"{row._meta.label_lower}:{row.pk}")
        page = said(one)
        assert reason in page and world.hr.display_name in page and reverse("journal:entry", args=[entry.pk]) in page


@pytest.mark.both
def test_register_and_board_say_the_same_of_a_past_day(world, client):
    """A level that was entered later holds from its first day on both, and both say that they go by what is known today."""
    world.holds(world.learner, world.cm2, since=200, through=100)
    row = world.learner.certifications.get()
    began, day = row.valid_from, TODAY() - timedelta(days=80)
    row.certificates.update(issued_on=TODAY() - DAY)
    AwardCandidate.objects.create(person=world.learner, track=world.cm2, cycle=2, ready_on=TODAY() - DAY)
    PositionRequirement.objects.create(position=position(), level=world.cm2.level, within_days=0, effective_from=began)
    assert [found.status for found in rows(day)] == [Status.VALID]
    assert len(rows(began)) == 1 and rows(began - DAY) == []
    then = RegisterQuery(as_of=day, known_as_of=row.recorded_at - DAY)
    assert list(every_row(then, User.objects.all())) == []

    client.force_login(world.hr)
    pages = [
        client.get(reverse(name), {asked: day.isoformat(), "show": "holding"}).content.decode()
        for name, asked in (("register:index", "as_of"), ("board:index", "on"), ("board:names", "on"))
    ]

    assert all("以今天已知的事实为准" in page for page in pages)
    assert world.learner.staff_number in pages[2].partition("<tbody>")[2] and "由人力资源部决定" not in pages[2]
    today = [client.get(reverse(name)).content.decode() for name in ("register:index", "board:index")]
    assert not any("以今天已知的事实为准" in page for page in today)


@pytest.mark.parametrize(
    ("gap", "grace", "status", "words"),
    [
        (0, 0, Status.RENEWED, "真实，已续期"),
        (1, 0, Status.EXPIRED, "真实，已过有效期"),
        (9, 10, Status.RENEWED, "真实，已续期"),
        (11, 10, Status.EXPIRED, "真实，已过有效期"),
    ],
)
def test_what_ran_out_before_the_level_was_obtained_anew_was_not_renewed(world, client, gap, grace, status, words):
    """The screen, the workbook and whoever verifies it read the same, and where the newer one is."""
    old = world.holds(world.learner, world.cm2, since=400, through=-50 - gap)
    Certification.objects.filter(pk=old.pk).update(grace_days=grace)
    new = world.holds(world.learner, world.cm2, since=49, through=200)

    found = {row.certificate.certification_id: row.status for row in rows(TODAY())}
    page = client.get(f"/verify/{old.certificates.get().code}/").content.decode()

    assert found == {old.pk: status, new.pk: Status.VALID}
    assert chosen(TODAY(), status.value) == {old.certificates.get().pk}
    assert words in page and new.certificates.get().serial in page
    assert ("未按期续期" in page) == (status == Status.EXPIRED)


def test_the_register_of_a_day_knows_no_later_decision(world):
    world.holds(world.learner, world.cm2)
    held = world.holds(world.other, world.cm1, through=10)
    Certificate.objects.update(issued_on=TODAY() - 2 * DAY)
    before = {row.staff_number: row.values for row in rows(TODAY() - DAY)}
    world.decide("revoke", track=world.cm2)
    world.decide("extend", world.other, until=TODAY() + 30 * DAY)

    yesterday = {row.staff_number: row.values for row in rows(TODAY() - DAY)}
    today = {row.staff_number: row.values for row in rows(TODAY())}

    assert yesterday == before
    assert yesterday["100002"]["有效期至"] == held.valid_through and today["100002"]["有效期至"] == TODAY() + 30 * DAY
    assert today["100001"]["截至日状态"] == "已撤销" and today["100001"]["撤销/失效原因"] == "按制度办理"


def test_who_proposed_and_who_approved_stands_with_what_they_decided(world):
    old, new = corrected(world)
    world.holds(world.other, world.cm1)
    world.decide("revoke", world.other, track=world.cm1)

    found = {row.certificate.serial: row.values for row in rows(TODAY())}
    replaced = rows(TODAY(), status="replaced")[0].values

    assert (found[new.serial]["经办人"], found[new.serial]["复核人"]) == ("苏映雪 300001", "钟礼安 300003")
    assert (replaced["证书编号"], replaced["经办人"], replaced["复核人"]) == (old.serial, "苏映雪 300001", "")
    revoked = next(values for values in found.values() if values["截至日状态"] == "已撤销")
    assert "撤销经办人：苏映雪 300001，复核人：钟礼安 300003" in revoked["备注"]


def test_the_workbook_says_appointments_and_observed_practice(world):
    held = world.holds(world.learner, world.cm1)
    observed = {"requirement": 1, "kind": "observation", "on": str(TODAY() - 3 * DAY)}
    Certification.objects.filter(pk=held.pk).update(evidence=[observed, {**observed, "not_asked": True}])
    Certificate.objects.update(issued_on=TODAY() - 2 * DAY)
    Appointment.objects.create(
        person=world.learner,
        level=world.cm2.level,
        branch=world.branches["BJ01"],
        effective_from=TODAY(),
        recorded_at=timezone.now(),
    )

    values, past = rows(TODAY())[0].values, rows(TODAY() - DAY)[0].values

    assert (values["聘任等级"], values["聘任起止"]) == ("等级2（CM2）", f"{TODAY()} – 至今")
    assert values["实操考核结果"] == f"合格（{TODAY() - 3 * DAY}）"
    assert (past["聘任等级"], past["聘任起止"]) == ("", "")


@pytest.mark.both
def test_rows_cost_the_same_however_many(world, django_assert_num_queries):
    for one in (world.learner, world.other, world.foreign):
        world.holds(one, world.cm1)
    every = list(Certificate.objects.order_by("pk"))

    for some in (every[:1], every):
        fresh = list(certificates_asked(asked(TODAY()), User.objects.all()).filter(pk__in=[one.pk for one in some]))
        with django_assert_num_queries(12):
            rows_of_certificates(asked(TODAY()), fresh)


def test_the_access_log_says_what_the_page_said_and_who_asked(world, client):
    old, _new = corrected(world)
    client.get(f"/verify/{old.code}/")
    client.force_login(world.other)
    client.get(f"/verify/{old.code}/")

    looks = AccessLog.objects.filter(kind="verification").order_by("pk")
    assert list(looks.values_list("outcome", "person")) == [("replaced", None), ("replaced", world.other.pk)]
    client.force_login(person("600001", "严慎行", world.branches["HO"], roles=[Role.AUDITOR]))
    page = client.get(reverse("access_log:index")).content.decode()
    assert "已换发" in page and "沈知行" in page


def test_what_no_longer_stands_offers_no_decision_but_the_way_to_what_does(world, client):
    old, new = corrected(world)
    client.force_login(world.hr)

    replaced, standing = (
        client.get(reverse("register:certificate", args=[one.pk])).content.decode() for one in (old, new)
    )

    assert "act=revoke" not in replaced and reverse("register:certificate", args=[new.pk]) in replaced
    assert "act=revoke" in standing and "较新的证书代替" not in standing
    later = world.holds(world.learner, world.cm2, since=10, through=300)
    renewed = client.get(reverse("register:certificate", args=[new.pk])).content.decode()
    assert "act=" not in renewed and later.certificates.get().serial in renewed


def test_a_renamed_holder_is_told_to_hr_and_the_correction_shows_both_names(world, client):
    world.holds(world.learner, world.cm2)
    client.force_login(world.hr)
    address = reverse("wagtailusers_users:inspect", args=[world.learner.pk])
    assert "act=correct" not in client.get(address).content.decode()

    same = world.propose("correct", track=world.cm2)
    shown = client.get(reverse("proposals:decide", args=[same.pk])).content.decode()
    assert "与原证书相同，没有变化：欧阳文澜 100001" in shown
    decide_proposal(proposal=same, approve=False, note="无需换发", actor=world.second, now=timezone.now())
    User.objects.filter(pk=world.learner.pk).update(display_name="欧阳文岚")

    page = client.get(address).content.decode()
    assert "所载为 欧阳文澜 100001，员工现为 欧阳文岚 100001" in page and "act=correct" in page
    waits = world.propose("correct", track=world.cm2)
    shown = client.get(reverse("proposals:decide", args=[waits.pk])).content.decode()
    assert "欧阳文岚 100001（原证书：欧阳文澜 100001）" in shown
