"""HR decides in the admin: people by list or spreadsheet, consequences first, the second person sees them anew."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from academy.models import JournalEntry, Proposal, Role
from certificates.award.all_met import award_all_met
from certificates.award.candidates import note_all_candidates
from certificates.models import Certificate, Certification, Decision
from tests.cast import person
from tests.certificates.deciding.scenes import TODAY, World, standing

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def world():
    return World()


def address(act: str, track: str = "cm2", **more: str) -> str:
    return "/cms/decisions/decide/?" + "&".join(
        f"{key}={value}" for key, value in {"act": act, "track": track, **more}.items()
    )


def test_consequences_stand_before_the_proposal_and_before_the_second_person(world, client):
    world.holds(world.learner, world.cm2)
    client.force_login(world.hr)
    answers = {"numbers": "100001", "on": TODAY().isoformat(), "reason": "投诉核实"}

    choose = client.get("/cms/decisions/decide/?numbers=100001").content.decode()
    shown = client.post(address("revoke"), answers).content.decode()
    untouched = standing(world.cm2)
    made = client.post(address("revoke"), {**answers, "step": "confirm"}, follow=True)
    client.force_login(world.second)
    decided = client.get(made.redirect_chain[-1][0]).content.decode()
    client.post(made.redirect_chain[-1][0], {"decision": "approve"})

    assert "豁免要求" in choose
    assert "不再持有" in shown
    assert untouched == ["100001"]
    assert "不再持有" in decided
    assert standing(world.cm2) == []


def test_a_level_of_a_track_that_is_out_of_use_is_revoked_and_not_awarded(world, client):
    type(world.cm2).objects.filter(pk=world.cm2.pk).update(active=False)
    client.force_login(world.hr)

    assert "撤销生效日" in client.get(address("revoke")).content.decode()
    assert "已停用" in client.get(address("award")).content.decode()


def test_a_list_with_foreign_double_unknown_and_own_numbers_names_each_line(world, client):
    hr = person("300009", "贝岚", world.branches["BJ"], roles=[Role.HR])
    client.force_login(hr)
    numbers = "100001\n100003\n100001\n999999\n300009"

    page = client.post(address("award"), {"numbers": numbers, "reason": "认定"}).content.decode()

    for said in ("第 2 行（100003）", "第 3 行（100001）", "第 4 行（999999）", "第 5 行（300009）"):
        assert said in page
    assert "陆家齐" not in page
    assert not Proposal.objects.exists()


def test_a_spreadsheet_names_the_people(world, client):
    client.force_login(world.hr)
    file = SimpleUploadedFile(
        "list.csv", "姓名,工号\n欧阳文澜,100001\n沈知行,100002\n".encode(), content_type="text/csv"
    )

    page = client.post(address("award"), {"file": file, "reason": "认定"}).content.decode()

    assert 'value="100001\n100002"' in page
    assert "沈知行" in page


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "空"), (b"a,b\n1,2\n", "工号"), ("工号\n=1+1\n".encode(), "工号"), (b"%PDF-1.4", "")],
)
def test_a_file_that_is_no_list_is_refused_in_words(world, client, content, said):
    client.force_login(world.hr)
    file = SimpleUploadedFile("list.csv", content, content_type="text/csv")

    page = client.post(address("award"), {"file": file, "reason": "认定"}).content.decode()

    assert "error" in page
    assert said in page
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("query", ["", "act=x&track=cm2", "act=award&track=x", "act=take_back&track=cm2", "act=award"])
def test_an_address_that_says_nothing_asks_which_decision(world, client, query):
    client.force_login(world.hr)

    answer = client.get(f"/cms/decisions/decide/?{query}")

    assert answer.status_code == 200
    assert 'name="act"' in answer.content.decode()


def test_what_cannot_be_is_said_by_name_and_cannot_be_proposed(world, client):
    world.holds(world.learner, world.cm2)
    client.force_login(world.hr)
    answers = {"numbers": "100001\n100002", "on": TODAY().isoformat(), "reason": "投诉核实"}

    page = client.post(address("revoke"), answers).content.decode()
    client.post(address("revoke"), {**answers, "step": "confirm"})

    assert "没有有效资格" in page
    assert 'value="confirm"' not in page
    assert not Proposal.objects.exists()

    back = client.post(address("revoke"), {**answers, "step": "back"}).content.decode()
    assert "100001\n100002</textarea>" in back and "投诉核实" in back
    without = client.post(address("revoke"), {**answers, "step": "without"}).content.decode()
    assert 'name="numbers" value="100001"' in without and 'value="confirm"' in without


@pytest.mark.parametrize("people", [1, 3])
def test_what_waits_for_a_second_person_stands_above_the_decisions(world, client, people):
    several = [world.learner, world.other, person("100005", "顾长风", world.branches["BJ01"])][:people]
    for holder in several:
        world.holds(holder, world.cm2)
    proposal = world.propose("revoke", *several, track=world.cm2)
    client.force_login(world.second)

    waiting = client.get(reverse("decisions:index")).content.decode()
    certificate = reverse("register:certificate", args=[Certificate.objects.get(person=world.learner).pk])
    asked = client.get(certificate).content.decode()
    world.approve(proposal)
    decided = client.get(reverse("decisions:index")).content.decode()

    # The certificate offers no decision that would be refused.
    assert "已有关于该等级的决定等待复核" in asked and "act=revoke" not in asked
    assert "等待复核" not in client.get(certificate).content.decode()
    link = reverse("proposals:decide", args=[proposal.pk])
    assert "已提交，待复核" in waiting and link in waiting and "已提交，待复核" not in decided
    assert (world.learner.display_name if people == 1 else "3 人") in waiting


def test_the_person_s_page_and_the_learner_read_what_was_decided_and_hr_takes_it_back(world, client):
    world.decide("waive", about=world.course(1), until=TODAY() + timedelta(days=30))
    decision = Decision.objects.get()
    client.force_login(world.hr)

    page = client.get(reverse("wagtailusers_users:inspect", args=[world.learner.pk])).content.decode()
    back = reverse("decisions:take_back", args=[decision.pk])
    shown = client.post(back, {"reason": "情况变化"}).content.decode()
    client.post(back, {"reason": "情况变化", "step": "confirm"})
    client.force_login(world.second)
    client.post(reverse("proposals:decide", args=[Proposal.objects.get(state="waiting").pk]), {"decision": "approve"})
    client.force_login(world.learner)
    home = client.get("/").content.decode()
    notices = client.get("/my/notices/").content.decode()

    assert "予以豁免" in page
    assert back in page
    assert "重新列为缺少" in shown
    decision.refresh_from_db()
    assert decision.withdrawn_at is not None
    assert "重新列为要求" in notices
    assert "予以豁免" in notices
    assert home


def test_the_learner_s_ladder_says_that_a_requirement_is_waived(world, client):
    world.decide("waive", about=world.course(1))
    client.force_login(world.learner)

    home = client.get("/").content.decode()

    assert "经决定免修" in home


def test_others_neither_see_nor_decide(world, client):
    world.decide("waive", about=world.course(1))
    decision = Decision.objects.get()
    shanghai = person("300002", "何秋", world.branches["SH"], roles=[Role.HR])
    auditor = person("600001", "审计", world.branches["HO"], roles=[Role.AUDITOR])
    back = reverse("decisions:take_back", args=[decision.pk])
    seen = {}
    for one in (world.learner, shanghai, auditor):
        client.force_login(one)
        seen[one.staff_number] = [
            client.get(url).status_code for url in ("/cms/decisions/", "/cms/decisions/decide/", back)
        ]

    assert seen == {"100001": [404, 404, 404], "300002": [200, 200, 404], "600001": [200, 404, 404]}
    client.force_login(shanghai)
    assert "欧阳文澜" not in client.get("/cms/decisions/").content.decode()
    client.force_login(auditor)
    assert "欧阳文澜" in client.get("/cms/decisions/").content.decode()


def test_a_certificate_leads_to_what_may_be_decided_about_it(world, client):
    held = world.holds(world.learner, world.cm2)
    client.force_login(world.hr)

    page = client.get(reverse("register:certificate", args=[held.certificates.get().pk])).content.decode()

    assert "act=revoke&amp;track=cm2&amp;numbers=100001" in page
    assert "act=lower&amp;track=cm2" in page
    assert Certification.objects.count() == 1


def test_no_downgrade_is_offered_where_no_level_stands_below(world, client):
    held = world.holds(world.learner, world.cm1)
    client.force_login(world.hr)

    page = client.get(reverse("register:certificate", args=[held.certificates.get().pk])).content.decode()

    assert "act=end&amp;track=cm1" in page
    assert "act=lower" not in page


def test_an_award_to_people_who_lack_nothing_is_no_award_by_hand(world, client):
    type(world.cm1).objects.update(award="approval")
    world.learns(world.learner, 0, 1)
    client.force_login(world.hr)
    plain, by_hand = (address("award", "cm1", numbers=numbers) for numbers in ("100001", "100001,100002"))

    first, second = (client.get(where).content.decode() for where in (plain, by_hand))
    shown = client.post(by_hand, {"numbers": "100001\n100002", "reason": "认定"}).content.decode()

    assert "名单中的人员均已满足各项条件" in first and "人工认定" not in first
    assert "各项条件均已满足。</textarea>" in first or 'value="各项条件均已满足。"' in first
    assert "人工认定" in second
    assert "按规则授予：各项条件均已满足。" in shown
    assert "人工认定，尚缺：" in shown


@pytest.mark.parametrize("grounds", [True, False])
def test_whom_a_level_was_taken_from_stands_in_the_lists_in_red_with_the_evidence_refused(world, client, grounds):
    world.learns(world.learner, 0, 1)
    award_all_met(person=world.learner, now=timezone.now())
    world.decide("revoke", grounds=(world.course(1),) if grounds else (), reason="代为学习")
    note_all_candidates(now=timezone.now())
    client.force_login(world.hr)

    ready, lacking = (
        client.get(f"/cms/register/lacking/?track=cm1{more}").content.decode() for more in ("&ready=1", "")
    )

    assert ("欧阳文澜" in ready) is not grounds
    assert "代为学习" in lacking and "已撤销" in lacking
    assert ("不予认可的依据：" in lacking, "原授予依据仍然有效" in lacking) == (grounds, not grounds)


@pytest.mark.parametrize("act", ["waive", "extend"])
def test_a_last_day_that_is_past_is_said_at_its_place(world, client, act):
    client.force_login(world.hr)
    answers = {"numbers": "100001", "about": world.course(2), "until": "2020-01-01", "reason": "情况特殊"}

    page = client.post(address(act), answers).content.decode()

    assert "该日期已过" in page
    assert "without" not in page


def test_an_auditor_goes_from_a_certificate_to_its_entries_and_from_an_entry_to_what_it_speaks_of(world, client):
    held = world.holds(world.learner, world.cm2)
    world.holds(world.other, world.cm2)
    world.decide("revoke", track=world.cm2, reason="代为学习")
    certificate = held.certificates.get()
    page = reverse("register:certificate", args=[certificate.pk])
    entries = f"{reverse('journal:index')}?number={certificate.serial}"
    client.force_login(person("600001", "严慎行", world.branches["HO"], roles=[Role.AUDITOR]))

    assert entries in client.get(page).content.decode()
    listed = client.get(entries).content.decode()
    assert certificate.serial in listed and "100002" not in listed
    revoked = JournalEntry.objects.get(action="certificates.revoke", person=world.learner)
    assert reverse("journal:entry", args=[revoked.pk]) in listed
    shown = client.get(reverse("journal:entry", args=[revoked.pk])).content.decode()
    assert certificate.serial in shown and f'href="{page}"' in shown
    assert reverse("wagtailusers_users:inspect", args=[world.learner.pk]) in shown
    assert "100001" not in client.get(f"{reverse('journal:index')}?number=XX").content.decode()
