"""The screens of observed practice: each side sees its part, an outsider nothing, and no word of a sheet too early."""

import json
import re

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from academy.models import Role
from quizzes.models import Observation
from quizzes.observing import booking
from tests.cast import person
from tests.quizzes.observing.cast import booked, levels, sheet_of, world

pytestmark = pytest.mark.django_db
QUERIES = 12


def test_both_sides_walk_through_it(client):
    _branches, made, learner, (first, *_others) = world(role_card="您扮演周先生", brief="在大堂看半小时")
    client.force_login(learner)
    page = client.get(f"/observe/practices/{made.code}/").content.decode()
    assert "迎接" in page and "抛掷单据" in page and "周先生" not in page
    client.post(f"/observe/practices/{made.code}/", {"words": "周三下午"})
    observation = Observation.objects.get()
    address = f"/observe/{observation.uuid}/"

    client.force_login(first)
    assert "林晚" in client.get("/observe/").content.decode()
    assert "周先生" in client.get(address).content.decode()
    tomorrow = timezone.localdate() + timezone.timedelta(days=1)
    wrong = client.post(address, {"act": "offer", "day": "2020-01-01", "time": "10:00", "place": "望京大堂"})
    client.post(address, {"act": "offer", "day": tomorrow.isoformat(), "time": "10:30", "place": "望京大堂"})
    assert "望京大堂" in wrong.content.decode() and Observation.objects.get().starts_at.minute == 30

    client.force_login(learner)
    assert "望京大堂" in client.get("/my/todo/").content.decode()
    client.post(address, {"act": "accept"})
    Observation.objects.update(starts_at=timezone.now())

    client.force_login(first)
    sheet = client.get(f"{address}score/").content.decode()
    assert sheet.count('type="radio"') == 8 and sheet.count('type="checkbox"') == 2
    form = {f"level-{key}": place for key, place in levels(observation, 2, 1).items()}
    open_ones = client.post(f"{address}score/", {"comment": "称呼得体"})
    assert open_ones.status_code == 400 and "尚未评分：" in open_ones.content.decode()
    assert open_ones.content.decode().count("sheet__criterion--open") == 2
    look = client.post(f"{address}score/", {**form, "comment": "称呼得体"}).content.decode()
    assert "75" in look and "合格" in look and "称呼得体" in look and sheet_of(observation, first).handed_in_at is None
    client.post(f"{address}score/", {**form, "comment": "称呼得体", "sure": "yes"})

    client.force_login(learner)
    page = client.get(address).content.decode()
    assert "75" in page and "称呼得体" in page and "周先生" not in page
    client.post(address, {"act": "answer", "words": "谢谢老师"})
    assert "谢谢老师" in client.get(address).content.decode()


def test_an_outsider_sees_and_does_nothing(client):
    branches, made, learner, (first, *_others) = world()
    observation = booked(made, learner, [first], now=timezone.now())
    for role in (None, Role.ASSESSOR, Role.HR, Role.LINE_MANAGER, Role.TRAINER):
        number = f"5{role or ''}"
        client.force_login(person(number, f"外人{role}", branches["SH01"], roles=[role] if role else []))
        for path in ("", "case/", "score/"):
            assert client.get(f"/observe/{observation.uuid}/{path}").status_code == 404, (role, path)
        for act in ("offer", "join", "accept", "put_off", "withdraw", "absent", "answer"):
            answered = client.post(f"/observe/{observation.uuid}/", {"act": act, "reason": "x", "words": "x"})
            assert answered.status_code == 404, (role, act)
        assert "林晚" not in client.get("/observe/").content.decode()
    observation.refresh_from_db()
    assert observation.state == Observation.State.BOOKED


def test_a_colleague_of_the_branch_cannot_accept_or_score_for_another(client):
    branches, made, learner, (first, second, *_others) = world()
    observation = booked(made, learner, [first], now=timezone.now())
    client.force_login(person("3", "同事", branches["BJ01"]))
    assert client.get(f"/observe/{observation.uuid}/").status_code == 404

    client.force_login(second)
    assert client.get(f"/observe/{observation.uuid}/score/").status_code == 404


def test_a_draft_is_kept_and_what_is_no_draft_is_refused(client):
    _branches, made, learner, (first, *_others) = world()
    observation = booked(made, learner, [first], now=timezone.now())
    address = f"/observe/{observation.uuid}/draft/"
    draft = {"levels": levels(observation, 2, 0), "vetoes": [], "comment": "半张", "sequence": 3}
    assert client.post(address, json.dumps(draft), content_type="application/json").status_code == 401
    client.force_login(first)

    kept = client.post(address, json.dumps(draft), content_type="application/json").json()
    older = client.post(address, json.dumps({**draft, "sequence": 2}), content_type="application/json").json()
    wrong = [
        client.post(address, body, content_type="application/json").status_code
        for body in ("[]", "{", json.dumps({**draft, "sequence": -1}), json.dumps({**draft, "levels": {"a": "x"}}))
    ]

    assert (kept["saved"], older["saved"], wrong) == (True, False, [400, 400, 400, 400])
    assert sheet_of(observation, first).comment == "半张"
    page = client.get(f"/observe/{observation.uuid}/score/").content.decode()
    assert page.count(" checked") == 2 and "半张" in page


def test_a_page_that_is_loaded_anew_shows_what_was_chosen_since(client):
    """The browser sends once more what the form held when it was refused."""
    _branches, made, learner, (first, *_others) = world()
    observation = booked(made, learner, [first], now=timezone.now())
    Observation.objects.update(starts_at=timezone.now())
    client.force_login(first)
    address, whole = f"/observe/{observation.uuid}/score/", levels(observation, 2, 2)
    begun = dict(list(whole.items())[:1])
    sent = {**{f"level-{key}": place for key, place in begun.items()}, "comment": "半张", "sequence": "3"}

    refused = client.post(address, sent)
    kept = client.get(address).text
    later = {"levels": whole, "vetoes": [], "comment": "整张", "sequence": 4}
    client.post(f"/observe/{observation.uuid}/draft/", json.dumps(later), content_type="application/json")
    again = client.post(address, sent, follow=True).text
    stale = client.post(address, {**sent, "sure": "yes"}, follow=True)

    assert refused.status_code == 400 and kept.count(" checked") == 1 and "半张" in kept
    assert again.count(" checked") == len(whole) and "整张" in again and "半张" not in again
    assert stale.redirect_chain and sheet_of(observation, first).handed_in_at is None


def test_a_veto_without_words_leads_to_the_box_and_says_what_is_missing_there(client):
    _branches, made, learner, (first, *_others) = world()
    observation = booked(made, learner, [first], now=timezone.now())
    Observation.objects.update(starts_at=timezone.now())
    client.force_login(first)
    form = {f"level-{key}": place for key, place in levels(observation, 2, 2).items()}
    veto = observation.terms["rubric"]["vetoes"][0]["id"]

    page = client.post(f"/observe/{observation.uuid}/score/", {**form, "veto": veto, "comment": ""}).content.decode()

    box = re.search(r"<textarea[^>]*>", page)[0]
    assert "autofocus" in box and 'aria-describedby="words-needed"' in box
    assert re.search(r'id="words-needed">[^<]*本人会看到', page)


@time_machine.travel("2026-03-02T09:20:00+08:00", tick=False)
def test_a_time_that_is_over_is_not_offered_first(client):
    _branches, made, learner, (first, *_others) = world()
    observation = booking.ask(practice=made, person=learner, actor=learner, words="", now=timezone.now())
    client.force_login(first)

    page = client.get(f"/observe/{observation.uuid}/").content.decode()

    assert re.search(r'value="2026-03-02" *[^>]*>', page) and re.search(r'value="09:30" selected', page)


def test_words_that_cannot_be_stored_are_refused_and_nothing_is_half_done(client):
    _branches, made, learner, _assessors = world()
    client.force_login(learner)

    page = client.post(f"/observe/practices/{made.code}/", {"words": "周三\x00"}, follow=True).content.decode()

    assert "不能保存" in page or "无法保存" in page or "不能存储" in page
    assert not Observation.objects.exists()


def test_nobody_asks_without_saying_when_and_where(client):
    _branches, made, learner, _assessors = world()
    client.force_login(learner)

    answer = client.post(f"/observe/practices/{made.code}/", {"words": "  "})

    assert answer.status_code == 400 and 'aria-describedby="words-error"' in answer.content.decode()
    assert "请填写您方便的时间和地点" in answer.content.decode()
    assert not Observation.objects.exists()


def test_the_list_of_the_day_asks_as_often_for_three_as_for_one(client, django_assert_num_queries):
    branches, made, learner, (first, *_others) = world()
    booking.ask(practice=made, person=learner, actor=learner, words="", now=timezone.now())
    client.force_login(first)
    client.get("/observe/")
    with django_assert_num_queries(QUERIES):
        client.get("/observe/")
    for number in ("2", "3"):
        other = person(number, f"同事{number}", branches["BJ01"])
        booking.ask(practice=made, person=other, actor=other, words="", now=timezone.now())
    client.get("/observe/")
    with django_assert_num_queries(QUERIES):
        page = client.get("/observe/").content.decode()
    assert page.count("同事") >= 2


def test_a_practice_is_read_in_words_and_plain_numbers(client):
    branches, made, _learner, _assessors = world(pass_mark=80)
    client.force_login(person("200001", "宋知远", branches["BJ"], roles=[Role.TRAINER]))

    page = client.get(reverse("observed_practices:inspect", args=[made.pk])).text
    said = [" ".join(text.split()) for text in re.findall(r"<dd[^>]*>(.*?)</dd>", page, re.DOTALL)]
    assert "80" in said and "是" in said
    assert not {"None", "True", "False", "80.00"} & set(said)


def test_what_is_put_off_says_from_when_and_why_and_what_comes_next(client):
    _branches, made, learner, assessors = world(assessors=2)
    observation = booked(made, learner, assessors[:2], now=timezone.now())
    before = timezone.localtime(observation.starts_at)
    client.force_login(assessors[0])
    page = observation.get_absolute_url()

    explained = client.get(page).text
    done = client.post(page, {"act": "put_off", "reason": "临时停电"}, follow=True).text

    assert "全部考评员的安排一并取消" in explained
    assert "您可在此另约时间" in done and "临时停电" in done and f"{before:%H:%M}" in done
    assert "待另约时间" in client.get(reverse("observe:index")).text


def test_a_refused_offer_stands_as_typed_and_another_time_begins_from_the_one_that_stands(client):
    branches, made, learner, (first, *_others) = world()
    ten = timezone.localtime().replace(hour=10, minute=0, second=0, microsecond=0) + timezone.timedelta(days=3)
    taken, asked = (
        booking.ask(practice=made, person=who, actor=who, words="", now=timezone.now())
        for who in (person("2", "同事", branches["BJ01"]), learner)
    )
    booking.offer(observation=taken, assessor=first, starts_at=ten, place="305 室", now=timezone.now())
    client.force_login(first)
    typed = {"act": "offer", "day": ten.date().isoformat(), "time": "10:00", "place": "望京大堂"}

    refused = client.post(asked.get_absolute_url(), typed).text
    assert "该时段您另有安排" in refused and 'value="望京大堂"' in refused
    stands = client.get(taken.get_absolute_url()).text
    assert 'value="305 室"' in stands
    for page in (refused, stands):
        assert f'<option value="{ten.date().isoformat()}" selected>' in page
        assert '<option value="10:00" selected>' in page


def test_the_person_asks_for_another_time_in_words_of_their_own(client):
    _branches, made, learner, (first, *_others) = world()
    asked = booking.ask(practice=made, person=learner, actor=learner, words="", now=timezone.now())
    start = timezone.now() + timezone.timedelta(days=2)
    booking.offer(observation=asked, assessor=first, starts_at=start, place="305 室", now=timezone.now())
    client.force_login(learner)

    page = client.get(asked.get_absolute_url()).text
    assert "确认时间" in page and '<details class="card" open>' in page and "延期" not in page
    assert re.search(r'value="put_off">\s*另约时间', page)
    done = client.post(asked.get_absolute_url(), {"act": "put_off", "reason": "周四下午可以"}, follow=True).text
    assert "另行安排时间" in done

    client.force_login(first)
    assert "周四下午可以" in client.get(asked.get_absolute_url()).text


def test_an_assessor_reads_where_the_person_works_and_that_a_sheet_is_not_handed_in_before_its_time(client):
    _branches, made, learner, (first, *_others) = world()
    observation = booked(made, learner, [first], now=timezone.now())
    client.force_login(first)
    pages = (observation.get_absolute_url(), reverse("observe:score", args=[observation.uuid]))

    place = learner.postings.get()
    assert f"{place.branch.local_name} · {place.position}" in client.get(pages[0]).text
    assert all("到时方可提交" in client.get(page).text for page in pages)
    with time_machine.travel(timezone.now() + timezone.timedelta(minutes=2), tick=False):
        assert not any("到时方可提交" in client.get(page).text for page in pages)
