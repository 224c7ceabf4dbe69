"""证书台账 on the screen: the same rows as in the workbook, what was ticked, and where one who left has been."""

import hashlib
import json
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from academy.doors import levels_held
from academy.models import CareerLevel, FormerStaffNumber, JournalEntry, Posting, Role, User
from academy.staff.branches import place_branch, tree_on
from academy.staff.people import end_employment
from academy.staff.roles import grant_role
from certificates.award.awarding import import_history
from certificates.document.issuing import correct_certificate
from certificates.models import (
    Certificate,
    CertificateExport,
    Certification,
    CertificationTrack,
    Requirement,
    RuleVersion,
)
from certificates.register.checksum import Checksum
from certificates.register.cycle_hours import cycle_hours
from certificates.register.rows import RegisterQuery, every_row, rows_of_certificates
from certificates.register.shown import certificates_shown, rows_shown
from certificates.rules.statuses import Status
from tests.cast import bank, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def hr(branches, client):
    found = person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
    client.force_login(found)
    return found


def certified(number: str, name: str, branch, *, days: int = 300) -> Certificate:
    level, _ = CareerLevel.objects.get_or_create(code="CM2", defaults={"rank": 2, "name": "高级", "name_en": "Senior"})
    track, _ = CertificationTrack.objects.get_or_create(code="cm2", defaults={"name": "认证", "level": level})
    today = timezone.localdate()
    certification = import_history(
        person=person(number, name, branch),
        track=track,
        awarded_on=today - timedelta(days=400),
        valid_through=today + timedelta(days=days),
        now=timezone.now(),
        actor=None,
    )
    return certification.certificates.get()


def left(certificate: Certificate, actor: User) -> None:
    end_employment(
        person=certificate.person,
        last_day=timezone.localdate() - timedelta(days=10),
        now=timezone.now(),
        actor=actor,
        reason="辞职",
    )


def test_the_screen_says_what_the_workbook_says(hr, branches):
    made = [
        certified("100001", "林一", branches["BJ01"]),
        certified("100002", "林二", branches["SH01"], days=-5),
        certified("100003", "林三", branches["BJ01"]),
    ]
    left(made[2], hr)
    question = RegisterQuery(as_of=timezone.localdate(), known_as_of=timezone.now())
    tree = tree_on(question.as_of, question.known_as_of)

    screen = rows_shown(question, list(certificates_shown(question, User.objects.all(), tree)), tree)
    book = list(every_row(question, User.objects.all()))

    assert [row.values["序号"] for row in book] == [1, 2, 3]
    assert [(row.certificate.serial, row.status, row.through, row.branch.code, row.position) for row in screen] == [
        (row.certificate.serial, row.status, row.through, row.values["机构号"], row.values["岗位"]) for row in book
    ]
    assert {row.status for row in screen} >= {Status.LEFT}


def test_what_had_lapsed_before_its_holder_left_is_not_said_to_be_void_by_leaving(hr, branches, client):
    """The register, its workbook and whoever verifies it read that it had expired; who left within the validity voids it."""
    lapsed = certified("100001", "林一", branches["BJ01"], days=-30)
    holding = certified("100002", "林二", branches["BJ01"], days=30)
    Certification.objects.update(grace_days=0)
    for one in (lapsed, holding):
        left(one, hr)
    question = RegisterQuery(as_of=timezone.localdate(), known_as_of=timezone.now())
    tree = tree_on(question.as_of, question.known_as_of)

    screen = rows_shown(question, list(certificates_shown(question, User.objects.all(), tree)), tree)
    book = every_row(question, User.objects.all())

    expected = {lapsed.serial: Status.EXPIRED, holding.serial: Status.LEFT}
    assert {row.certificate.serial: row.status for row in screen} == expected
    assert {row.certificate.serial: row.status for row in book} == expected
    assert "已过有效期" in client.get(f"/verify/{lapsed.code}/").content.decode()


def test_one_who_left_stands_where_they_last_worked_and_is_found_there(hr, branches, client):
    certificate = certified("100003", "林三", branches["BJ01"])
    left(certificate, hr)
    assert not Posting.objects.current().effective(timezone.localdate()).filter(person=certificate.person).exists()

    page = client.get(reverse("register:index"), {"branch": "BJ"})

    row = page.content.decode().split("<tbody>")[1]
    assert certificate.serial in row and branches["BJ01"].name in row
    assert certificate.serial not in client.get(reverse("register:index"), {"branch": "SH"}).content.decode()


def test_what_is_ticked_is_exported_and_nothing_else(hr, branches, client):
    made = [certified(f"10000{number}", f"林{number}", branches["BJ01"]) for number in (1, 2, 3)]
    ticked = [made[0].pk, made[2].pk]

    client.post(reverse("register:export") + "?track=cm2", {"whom": "ticked", "certificate": ticked})

    question = RegisterQuery.from_json(CertificateExport.objects.get().filters)
    assert [row.certificate.pk for row in every_row(question, User.objects.all())] == ticked
    assert JournalEntry.objects.get(action="certificates.export").payload["after"]["ticked"] == ticked


def test_an_export_of_nothing_ticked_is_refused_in_words(hr, branches, client):
    certified("100001", "林一", branches["BJ01"])

    answer = client.post(reverse("register:export"), {"whom": "ticked"}, follow=True)

    assert "请先勾选证书" in answer.content.decode() and not CertificateExport.objects.exists()


def test_whoever_reads_a_part_of_the_bank_ticks_nothing_beyond_it(branches, client):
    away, here = certified("100002", "林二", branches["SH01"]), certified("100001", "林一", branches["BJ01"])
    client.force_login(person("300002", "程砚秋", branches["BJ"], roles=[Role.HR]))

    page = client.get(reverse("register:index")).content.decode()
    assert here.serial in page and away.serial not in page
    assert f'value="{branches["SH"].code}"' not in page and f'value="{branches["BJ"].code}"' in page
    assert client.get(reverse("register:index"), {"branch": "SH"}).status_code == 400


def test_the_checksum_of_row_by_row_is_that_of_all_rows(hr, branches):
    for number in (1, 2, 3):
        certified(f"10000{number}", f"林{number}", branches["BJ01"])
    question = RegisterQuery(as_of=timezone.localdate(), known_as_of=timezone.now())
    rows = rows_of_certificates(question, Certificate.objects.order_by("serial"))
    text = json.dumps([row.values for row in rows], ensure_ascii=False, sort_keys=True, default=str)

    checksum = Checksum()
    for row in rows:
        checksum.add(row)

    assert checksum.count == 3 and checksum.hexdigest() == hashlib.sha256(text.encode()).hexdigest()


def test_a_renumbered_person_is_found_by_the_number_that_is_printed(hr, branches, client):
    certificate = certified("100001", "林一", branches["BJ01"])
    FormerStaffNumber.objects.create(number="100001", person=certificate.person, until=timezone.localdate())
    User.objects.filter(pk=certificate.person_id).update(staff_number="770001")
    grant_role(person=certificate.person, role=Role.TRAINER, branch=branches["HO"], now=timezone.now(), actor=None)

    for number in ("100001", "770001"):
        assert certificate.serial in client.get(reverse("register:index"), {"q": number}).content.decode()
        found = client.get(reverse("wagtailusers_users:index"), {"q": number}).context_data["object_list"]
        assert [one.pk for one in found] == [certificate.person_id]
        # So does every plain list that names people.
        grants = client.get(reverse("role_grants:index"), {"q": number}).context_data["object_list"]
        assert {grant.person_id for grant in grants} == {certificate.person_id}


def test_a_past_day_says_what_branches_were_called_then(hr, branches, client):
    certificate = certified("100001", "林一", branches["BJ01"])
    today = timezone.localdate()
    place_branch(
        code=branches["BJ01"].code,
        kind=branches["BJ01"].kind,
        name="东湖网点",
        parent=branches["BJ01"].parent,
        effective_from=today + timedelta(days=1),
        now=timezone.now(),
        actor=hr,
    )

    def shown(day) -> str:
        return client.get(reverse("register:index"), {"as_of": day.isoformat()}).content.decode().split("<tbody>")[1]

    assert certificate.serial in shown(today) and "东湖网点" not in shown(today)
    assert "东湖网点" in shown(today + timedelta(days=1))


def test_what_expires_soon_is_called_so_wherever_it_stands(branches, hr, client):
    """The register, the person's page and the certificate's, by the days of the board."""
    soon = certified("100007", "杨柳青", branches["BJ01"], days=30)
    certified("100008", "顾南乔", branches["BJ01"], days=31)

    pages = [
        client.get(address).content.decode()
        for address in (
            "/cms/register/",
            reverse("wagtailusers_users:inspect", args=[soon.person_id]),
            reverse("register:certificate", args=[soon.pk]),
        )
    ]

    assert ["待续期 · 临期" in page for page in pages] == [True] * 3
    assert pages[0].count(" · 临期") == 1


def test_a_past_day_lists_the_certificate_that_stood_then_though_it_was_replaced_since(hr, branches):
    """A name corrected in November takes nothing out of the register of June."""
    old = certified("100001", "林一", branches["BJ01"])
    later = old.issued_at + timedelta(days=60)
    new = correct_certificate(certificate=old, reason="姓名更正", now=later, actor=hr)

    def listed(day, status=""):
        asked = RegisterQuery(as_of=day, known_as_of=later + timedelta(days=1), status=status)
        return {row.certificate.serial: row.status for row in every_row(asked, User.objects.all())}

    before, after = new.issued_on - timedelta(days=1), new.issued_on
    assert listed(before) == {old.serial: Status.VALID}
    assert listed(before, Status.VALID.value) == {old.serial: Status.VALID}
    assert listed(before, Status.REPLACED.value) == {}
    assert listed(after) == {new.serial: Status.VALID}
    assert listed(after, Status.REPLACED.value) == {old.serial: Status.REPLACED}


@pytest.mark.parametrize(("lasts", "expected"), [("span", 48), ("yearly", 96)])
def test_hours_of_the_cycle_are_asked_of_what_was_imported_too_and_once_a_year(branches, lasts, expected):
    """An imported certification says no version of the rules: those in force on the day ask."""
    certificate = certified("100001", "欧阳文澜", branches["BJ01"])
    certification = certificate.certification
    assert certification.rule_version_id is None
    Certification.objects.filter(pk=certification.pk).update(
        valid_from=date(2024, 6, 1), valid_through=date(2027, 5, 31)
    )
    rules = RuleVersion.objects.create(track=certification.track, number=1, effective_from=date(2020, 1, 1))
    hours = {"kind": "hours", "purpose": "renewal", "amount": 48, "lasts": lasts}
    Requirement.objects.create(rule_version=rules, **hours)

    fresh = Certificate.objects.select_related("certification").get(pk=certificate.pk)
    assert cycle_hours([fresh], date(2026, 3, 2), None)[fresh.pk][0] == expected


def test_one_person_under_two_names_and_a_part_of_the_bank_are_said(client, hr, branches):
    certificate = certified("100001", "欧阳文澜", branches["BJ01"])
    address = reverse("register:index")
    assert "现为" not in client.get(address).text and "仅限您负责的机构" not in client.get(address).text

    User.objects.filter(pk=certificate.person_id).update(display_name="欧阳文岚", staff_number="S100001")
    assert "现为 欧阳文岚 S100001" in client.get(address).text
    client.force_login(person("300002", "陆明川", branches["BJ"], roles=[Role.HR]))
    assert "仅限您负责的机构" in client.get(address).text


def test_who_left_the_bank_holds_no_level_from_the_day_after(hr, branches):
    """For whoever asks who holds what: the training register, the lists of holders, the counts."""
    certificate, today = certified("100001", "欧阳文澜", branches["BJ01"]), timezone.localdate()
    stays = certified("100002", "林见鹿", branches["BJ01"])
    left(certificate, hr)

    for day, holders in ((today - timedelta(days=10), {certificate, stays}), (today - timedelta(days=9), {stays})):
        people = [certificate.person_id, stays.person_id]
        assert {held.person_id for held in levels_held(people, day)} == {one.person_id for one in holders}
        assert set(Certification.objects.holding(day)) == {one.certification for one in holders}


def test_from_which_day_a_leavers_certificate_is_void_is_said(hr, branches, client):
    certificate = certified("100001", "欧阳文澜", branches["BJ01"])
    left(certificate, hr)
    void_from = timezone.localdate() - timedelta(days=9)
    client.force_login(hr)

    inside = client.get(f"/cms/register/certificate/{certificate.pk}/").text
    outside = client.get(reverse("certificates:verify_code", args=[certificate.code])).text

    assert f"自 {void_from.isoformat()} 起失效" in inside
    assert f"自 {date_format(void_from, 'DATE_FORMAT')} 起失效" in outside
