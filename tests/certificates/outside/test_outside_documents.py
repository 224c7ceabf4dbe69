"""A document from elsewhere: handed in on the phone, checked by another person, counted while it is valid."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from academy.errors.refusals import RuleViolation
from academy.models import CareerLevel, JournalEntry, Notice, Proposal, Role
from certificates.document import storage
from certificates.document.store_check import faults_of_store
from certificates.models import (
    Certification,
    CertificationTrack,
    OutsideDocument,
    OutsideDocumentKind,
    Requirement,
    RuleVersion,
)
from certificates.outside.checking import check, documents_ending, propose_setting_aside, tell_of_ends
from certificates.outside.handing_in import MOST_WAITING, hand_in
from tests.cast import OPENED, bank, person

pytestmark = [pytest.mark.django_db, pytest.mark.database]
PDF = b"%PDF-1.4\n%%EOF"


@pytest.fixture(autouse=True)
def private(settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path


@pytest.fixture
def people():
    branches = bank()
    return {
        "learner": person("100001", "林见鹿", branches["BJ01"]),
        "hr": person("300001", "苏映雪", branches["HO"], roles=[Role.HR]),
        "checker": person("300003", "钟礼安", branches["HO"], roles=[Role.HR]),
        "shanghai": person("300002", "沈知微", branches["SH"], roles=[Role.BRANCH_ADMINISTRATOR]),
    }


@pytest.fixture
def kind():
    made = OutsideDocumentKind.objects.create(name="职业资格", name_en="Qualification", ends=True)
    level = CareerLevel.objects.create(code="CM1", rank=1, name="见习")
    track = CertificationTrack.objects.create(level=level, name="见习", award="automatic", mode="completion")
    rules = RuleVersion.objects.create(track=track, number=1, effective_from=OPENED)
    asked = Requirement.objects.create(rule_version=rules, kind="outside_document")
    asked.documents.set([made])
    asked.save()
    return made


def photo(**written) -> SimpleUploadedFile:
    data = io.BytesIO()
    Image.new("RGB", (3000, 1500), "white").save(data, "JPEG", **written)
    return SimpleUploadedFile("证书.jpg", data.getvalue(), content_type="image/jpeg")


def form(**changed):
    today = timezone.localdate()
    said = {
        "issuer": "中国银行业协会",
        "number": "A-1",
        "issued_on": (today - timedelta(days=30)).isoformat(),
        "valid_through": (today + timedelta(days=40)).isoformat(),
    }
    return {**said, **changed}


def handed_in(kind, learner, *, actor=None, days=40, number="A-1") -> OutsideDocument:
    today = timezone.localdate()
    return hand_in(
        kind=kind,
        person=learner,
        number=number,
        issuer="中国银行业协会",
        issued_on=today - timedelta(days=30),
        valid_through=today + timedelta(days=days),
        scan=(storage.store(PDF, storage.SCANS["pdf"]), "pdf"),
        actor=actor or learner,
        now=timezone.now(),
    )


def test_from_the_phone_to_the_level(client, people, kind, django_capture_on_commit_callbacks):
    client.force_login(people["learner"])
    address = kind.get_absolute_url()
    assert address in client.get("/").content.decode()
    camera = Image.Exif()
    camera[0x010F] = "SecretCamera"
    answer = client.post(address, {**form(), "scan": photo(exif=camera.tobytes())})
    assert answer.status_code == 302

    document = OutsideDocument.objects.get()
    scan = client.get(reverse("certificates:scan", args=[document.uuid]))
    stored = b"".join(scan.streaming_content)
    with Image.open(io.BytesIO(stored)) as picture:
        assert picture.width == 2400
    assert b"SecretCamera" not in stored and scan["Content-Type"] == "image/jpeg"
    assert not Certification.objects.exists()

    client.force_login(people["hr"])
    waiting = client.get(reverse("outside_documents:index"), {"state": "waiting"}).content.decode()
    assert "林见鹿" in waiting
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("outside_documents:document", args=[document.pk]), {"act": "accept"})

    document.refresh_from_db()
    assert document.state == "accepted" and document.checked_by == people["hr"]
    assert Certification.objects.get().person == people["learner"]
    assert Notice.objects.filter(person=people["learner"], kind="certificates.document_checked").exists()
    assert JournalEntry.objects.filter(action="certificates.accept_document", person=people["learner"]).exists()


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"issued_on": "2199-01-01"}, ""),
        ({"issued_on": "yesterday"}, "issued_on"),
        ({"valid_through": "2020-01-01"}, ""),
        ({"number": ""}, "number"),
        ({"issuer": "\x00"}, "issuer"),
        ({"scan": SimpleUploadedFile("a.pdf", b"MZ\x90\x00 a program")}, "scan"),
        ({"scan": SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\n broken")}, "scan"),
        ({"scan": SimpleUploadedFile("a.pdf", b"")}, "scan"),
        ({"scan": None}, "scan"),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_nothing_is_kept(client, people, kind, changed, place, tmp_path):
    client.force_login(people["learner"])
    sent = {name: value for name, value in {**form(), "scan": photo(), **changed}.items() if value is not None}

    answer = client.post(kind.get_absolute_url(), sent)

    errors = answer.context["form"].errors
    assert answer.status_code == 422 and (place or "__all__") in errors
    assert not OutsideDocument.objects.exists() and not list(tmp_path.rglob("*.scan.*"))


def test_the_same_document_twice_and_a_flood_are_refused(people, kind):
    learner = people["learner"]
    handed_in(kind, learner)
    with pytest.raises(RuleViolation):
        handed_in(kind, learner)
    for number in range(2, MOST_WAITING + 1):
        handed_in(kind, learner, number=f"A-{number}")
    with pytest.raises(RuleViolation):
        handed_in(kind, learner, number="one more")


def test_nobody_checks_the_own_nor_what_they_handed_in_nor_another_branchs(people, kind):
    now, hr = timezone.now(), people["hr"]
    own = handed_in(kind, hr)
    brought = handed_in(kind, people["learner"], actor=hr)
    for document, checker in ((own, hr), (brought, hr), (brought, people["shanghai"]), (brought, people["learner"])):
        with pytest.raises(RuleViolation):
            check(document=document, accepted=True, reason="", checker=checker, now=now)
    with pytest.raises(RuleViolation):
        check(document=brought, accepted=False, reason=" ", checker=people["checker"], now=now)
    with pytest.raises(LookupError):
        handed_in(kind, people["learner"], actor=people["shanghai"])

    check(document=brought, accepted=True, reason="", checker=people["checker"], now=now)
    with pytest.raises(RuleViolation):
        check(document=brought, accepted=False, reason="twice", checker=people["checker"], now=now)


def test_a_stranger_sees_neither_the_scan_nor_the_page(client, people, kind):
    document = handed_in(kind, people["learner"])
    client.force_login(people["shanghai"])

    assert client.get(reverse("certificates:scan", args=[document.uuid])).status_code == 404
    assert client.get(reverse("outside_documents:document", args=[document.pk])).status_code == 404
    assert client.post(reverse("certificates:withdraw_document", args=[document.uuid])).status_code == 404


def test_a_scan_that_is_gone_is_found_and_none_is_taken_for_something_else(people, kind):
    document = handed_in(kind, people["learner"])
    assert list(faults_of_store()) == []

    storage.path_of(document.scan_digest, storage.SCANS["pdf"]).unlink()

    assert [(fault.problem, fault.serial) for fault in faults_of_store()] == [("missing", kind.code)]


def test_the_owner_withdraws_only_what_nobody_has_checked(client, people, kind, django_capture_on_commit_callbacks):
    first, second = handed_in(kind, people["learner"]), handed_in(kind, people["learner"], number="A-2")
    check(document=second, accepted=True, reason="", checker=people["hr"], now=timezone.now())
    client.force_login(people["learner"])
    scan = storage.path_of(first.scan_digest, storage.SCANS["pdf"])

    with django_capture_on_commit_callbacks(execute=True):
        for document in (first, second):
            client.post(reverse("certificates:withdraw_document", args=[document.uuid]))

    states = OutsideDocument.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["withdrawn", "accepted"]
    # The second has the same scan and still needs it.
    assert scan.exists()


def test_two_people_set_a_false_one_aside_and_the_level_stands_until_a_person_decides(people, kind):
    now, document = timezone.now(), handed_in(kind, people["learner"])
    check(document=document, accepted=True, reason="", checker=people["hr"], now=now)
    document.refresh_from_db()

    proposal = propose_setting_aside(document=document, reason="forged", actor=people["hr"], now=now)

    assert proposal.state == Proposal.State.WAITING
    document.refresh_from_db()
    assert document.state == "accepted"


def test_the_holder_and_hr_are_told_before_the_end_and_not_where_a_new_one_stands(client, people, kind):
    now, today = timezone.now(), timezone.localdate()
    learner = people["learner"]
    document = handed_in(kind, learner, days=40)
    check(document=document, accepted=True, reason="", checker=people["hr"], now=now)

    for _again in range(2):
        tell_of_ends(now=now, today=today)
    assert Notice.objects.filter(person=learner, kind="certificates.document_ends").count() == 1
    tell_of_ends(now=now, today=today + timedelta(days=30))
    assert Notice.objects.filter(person=learner, kind="certificates.document_ends").count() == 2

    client.force_login(people["hr"])
    address = f"{reverse('outside_documents:index')}?ends=soon"
    counts = {tile.url: tile.count for tile in client.get("/cms/").context["waiting"]}
    assert (counts[address], "100001" in client.get(address).content.decode()) == (1, True)

    handed_in(kind, learner, days=400, number="A-2")
    assert not documents_ending(today).exists()
    assert address not in {tile.url for tile in client.get("/cms/").context["waiting"]}
    assert "100001" not in client.get(address).content.decode()


def test_hr_hands_in_for_somebody_and_another_person_checks(client, people, kind):
    client.force_login(people["hr"])
    address = f"{reverse('outside_documents:hand_in')}?staff_number=100001&kind={kind.code}"

    client.post(address, {**form(), "scan": SimpleUploadedFile("a.pdf", PDF)})

    document = OutsideDocument.objects.get()
    assert (document.person, document.handed_in_by, document.scan_kind) == (people["learner"], people["hr"], "pdf")
    page = client.get(reverse("outside_documents:document", args=[document.pk])).content.decode()
    assert 'value="accept"' not in page
    unknown = client.get(f"{reverse('outside_documents:hand_in')}?staff_number=999999&kind={kind.code}")
    assert unknown.context["whom"].errors
