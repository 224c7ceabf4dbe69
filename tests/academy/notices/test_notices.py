"""Notices: once a person and event, in the reader's language; what leaves the inbox, and the proof of it."""

import json
import threading
import time as clock
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from openpyxl import load_workbook

from academy.models import Branch, JournalEntry, Leave, Notice, NoticeDelivery, Role
from academy.notices.delivery import ask_for_sending, route_notices, send_again, send_waiting, tell_returned
from academy.notices.delivery.signing import is_signed, signature_of
from academy.notices.inbox import Telling, notify, notify_many, read_notices, register_notice
from academy.operations.environment import Environment
from tests.cast import bank, person

SECRET = "a-secret-of-the-gateway-32-characters"
State = NoticeDelivery.State
DIGEST = register_notice("tests.digest", title="%(count)s late", text="In %(branch)s.")
EXAM = register_notice("tests.exam", title="Exam\nmoved", text="Come early.", required=True, urgent=True)
FACTS = {"count": 2, "branch": {"zh-hans": "望京", "en": "Wangjing"}}


@pytest.fixture
def cast(db):
    branches = bank()
    return [
        person(f"10000{n}", "欧阳文澜", branches["BJ01"], email=f"s{n}@bank.example", language=language)
        for n, language in enumerate(("zh-hans", "en", ""))
    ]


@pytest.fixture
def by_mail(settings):
    settings.NOTICES_BY_MAIL, settings.DELIVERY_HOURS = True, (0, 24)


@pytest.fixture
def gateway(settings):
    """A gateway of the bank on the loopback: it keeps what it got and answers what it is told to."""
    got, answers = [], []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.headers, body))
            status, said = answers.pop(0) if answers else (202, b'{"id": "sms-1"}')
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    settings.WEBHOOK_URL, settings.WEBHOOK_SECRET = f"http://127.0.0.1:{server.server_port}/in?bank=1", SECRET
    settings.DELIVERY_HOURS = (0, 24)
    yield got, answers
    server.shutdown()
    server.server_close()


@pytest.mark.database
def test_many_are_told_once_each_and_a_second_call_adds_only_who_was_left_out(cast, django_assert_num_queries):
    for some in (cast[:2], cast):
        with django_assert_num_queries(1):
            notify_many(
                kind=DIGEST,
                tellings=(Telling(one.pk, "2026-W48", FACTS, "/team/") for one in some),
                now=timezone.now(),
            )

    assert Notice.objects.filter(kind=DIGEST).count() == 3
    told = read_notices(cast[0].notices.all(), "en")
    assert [(notice.title, notice.text, notice.path) for notice in told] == [("2 late", "In Wangjing.", "/team/")]


def test_a_sentence_inside_another_leaves_one_stop(cast):
    inside = {"zh-hans": "从业满 3 年：2027-09-02 起可达成。；持有 CM2：待满。", "en": "Possible from May.; Hold CM2."}
    register_notice("tests.inside", title="%(what)s", text="%(what)s. %(what)s。")
    notify(person=cast[0], kind="tests.inside", event="1", now=timezone.now(), facts={"what": inside})
    (chinese,) = read_notices(Notice.objects.all(), "zh-hans")
    (english,) = read_notices(Notice.objects.all(), "en")

    assert chinese.title == "从业满 3 年：2027-09-02 起可达成；持有 CM2：待满。"
    assert english.text.startswith("Possible from May; Hold CM2. ")


def test_mail_goes_out_once_in_each_ones_language_and_the_unwilling_get_what_is_required(
    cast, by_mail, mailoutbox, settings
):
    settings.BASE_URL = "https://bank.example/academy"
    unwilling = cast[2]
    unwilling.optional_notices = False
    unwilling.save()
    now = timezone.now()
    for one in cast:
        notify(person=one, kind=DIGEST, event="1", now=now, facts=FACTS, path="/academy/team/")
        notify(person=one, kind=EXAM, event="1", now=now)
    notify(person=cast[0], kind=DIGEST, event="of last year", now=now - timedelta(days=300), facts=FACTS)

    for _ in range(2):
        route_notices(now=now)
        ask_for_sending(now=timezone.now())

    mails = [(mail.to[0], mail.subject) for mail in mailoutbox]
    assert sorted(mails) == sorted(
        [(f"s{n}@bank.example", "Exam moved") for n in range(3)] + [(f"s{n}@bank.example", "2 late") for n in range(2)]
    )
    bodies = {mail.to[0]: mail.body for mail in mailoutbox if mail.subject == "2 late"}
    assert "In 望京." in bodies["s0@bank.example"] and "打开" in bodies["s0@bank.example"]
    assert "In Wangjing." in bodies["s1@bank.example"]
    assert "https://bank.example/academy/team/" in bodies["s1@bank.example"]
    proof = NoticeDelivery.objects.get(notice__person=cast[1], notice__kind=DIGEST)
    assert (proof.state, proof.language, proof.subject, proof.tries) == (State.SENT, "en", "2 late", 1)
    assert proof.sent_at is not None


def test_a_message_at_night_waits_for_the_morning_unless_it_is_urgent(cast, by_mail, settings):
    settings.DELIVERY_HOURS = (8, 20)
    night = timezone.localtime().replace(hour=23, minute=30)

    for kind in (DIGEST, EXAM):
        notify(person=cast[0], kind=kind, event="1", now=night, facts=FACTS)
    route_notices(now=night)

    tries = dict(NoticeDelivery.objects.values_list("notice__kind", "next_try_at"))
    assert tries[EXAM] == night
    morning = timezone.localtime(tries[DIGEST])
    assert (morning.date(), morning.hour) == (night.date() + timedelta(days=1), 8)


@pytest.mark.database
def test_nothing_is_sent_on_leave_and_the_return_brings_one_notice_of_what_came_up(cast, by_mail, mailoutbox):
    learner, now = cast[0], timezone.now()
    today = timezone.localdate()
    leave = Leave.objects.create(person=learner, kind=Leave.Kind.MATERNITY, effective_from=today)
    for event in ("1", "2", "3"):
        notify(person=learner, kind=DIGEST, event=event, now=now, facts=FACTS)
    route_notices(now=now)
    learner.notices.filter(event="3").update(read_at=now)
    send_waiting(now=now)
    tell_returned(now=now, today=today)
    assert mailoutbox == [] and learner.notices.count() == 3

    leave.effective_until = today
    leave.save()
    for _ in range(2):
        tell_returned(now=now, today=today + timedelta(days=1))
    Leave.objects.all().delete()
    route_notices(now=now)
    send_waiting(now=timezone.now())

    assert [mail.subject for mail in mailoutbox] == ["您休假期间有 2 条通知"]
    assert not NoticeDelivery.objects.filter(state=State.HELD).exists()


def test_the_gateway_gets_a_signed_call_is_tried_again_after_a_fault_and_never_after_success(cast, gateway, settings):
    got, answers = gateway
    settings.DELIVERY_TRIES = 3
    answers += [(500, b"busy"), (302, b"")]
    notify(person=cast[1], kind=DIGEST, event="1", now=timezone.now(), facts=FACTS, path="/team/")
    route_notices(now=timezone.now())

    waited = []
    for _ in range(3):
        send_waiting(now=timezone.now())
        delivery = NoticeDelivery.objects.get()
        if delivery.state == State.FAILED:
            send_waiting(now=timezone.now())
            waited.append((delivery.next_try_at - timezone.now()).total_seconds())
            NoticeDelivery.objects.update(next_try_at=timezone.now())
    send_waiting(now=timezone.now() + timedelta(days=1))

    assert len(got) == 3 and 0 < waited[0] < waited[1]
    headers, body = got[0]
    stamp, signature = headers["Academy-Timestamp"], headers["Academy-Signature"]
    assert is_signed(secret=SECRET, timestamp=stamp, signature=signature, body=body, now=timezone.now())
    assert not is_signed(secret=SECRET, timestamp=stamp, signature=signature, body=body + b" ", now=timezone.now())
    sent = json.loads(body)
    assert sent.keys() == {"id", "kind", "staff_number", "language", "title", "text", "url", "urgent", "created_at"}
    assert (sent["staff_number"], sent["title"]) == ("100001", "2 late")
    assert {h["Idempotency-Key"] for h, _body in got} == {str(delivery.key)} == {sent["id"]}
    assert (delivery.state, delivery.answer_code, delivery.answer_id) == (State.SENT, 202, "sms-1")


@pytest.mark.database
def test_a_dead_gateway_is_given_up_after_the_last_try_and_sent_again_by_hand(cast, gateway, settings, client):
    got, answers = gateway
    settings.DELIVERY_TRIES = 2
    answers += [(503, b"down")] * 2
    notify(person=cast[1], kind=DIGEST, event="1", now=timezone.now(), facts=FACTS)
    route_notices(now=timezone.now())
    for _ in range(2):
        send_waiting(now=timezone.now())
        NoticeDelivery.objects.filter(state=State.FAILED).update(next_try_at=timezone.now())
    delivery = NoticeDelivery.objects.get()
    assert (delivery.state, delivery.tries, delivery.last_error) == (State.GIVEN_UP, 2, "HTTP 503 down")

    assert send_again(deliveries=NoticeDelivery.objects.all(), now=timezone.now(), actor=cast[0]) == 1
    send_waiting(now=timezone.now())

    delivery.refresh_from_db()
    assert delivery.state == State.SENT and len(got) == 3
    assert JournalEntry.objects.filter(action="academy.send_notice_again", person=cast[1]).exists()

    def report(body, secret=SECRET, stamp=None):
        stamp = stamp or str(int(clock.time()))
        return client.post(
            "/notices/arrival/",
            body,
            content_type="application/json",
            headers={
                "Academy-Timestamp": stamp,
                "Academy-Signature": signature_of(secret=secret, timestamp=stamp, body=body),
            },
        ).status_code

    arrived = json.dumps({"id": str(delivery.key), "state": "arrived"}).encode()
    assert report(arrived, secret="x" * 40) == 404
    assert report(arrived, stamp=str(int(clock.time()) - 600)) == 404
    assert report(b"[]") == 400 and report(b"{") == 400
    assert client.get("/notices/arrival/").status_code == 404
    assert report(arrived) == 204 and report(arrived) == 204
    assert report(arrived.replace(b"arrived", b"failed")) == 204
    delivery.refresh_from_db()
    assert delivery.state == State.ARRIVED and delivery.arrived_at is not None


def test_a_notice_is_opened_by_its_reader_only(cast, client):
    notify(person=cast[0], kind=DIGEST, event="1", now=timezone.now(), facts=FACTS, path="/my/todo/")
    notice = Notice.objects.get()
    client.force_login(cast[1])
    assert client.post(f"/my/notices/{notice.pk}/").status_code == 404

    client.force_login(cast[0])
    assert client.get(f"/my/notices/{notice.pk}/").url == "/my/notices/"
    assert client.post(f"/my/notices/{notice.pk}/").url == "/my/todo/"

    notice.refresh_from_db()
    assert notice.read_at is not None


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"WEBHOOK_URL": "ftp://gateway", "WEBHOOK_SECRET": SECRET}, "WEBHOOK_URL"),
        ({"WEBHOOK_URL": "https://me:word@gateway/in", "WEBHOOK_SECRET": SECRET}, "without name and password"),
        ({"WEBHOOK_URL": "https://gateway:99999/in", "WEBHOOK_SECRET": SECRET}, "WEBHOOK_URL"),
        ({"WEBHOOK_URL": "https://gateway/in", "WEBHOOK_SECRET": "short"}, "5 characters"),
        ({"WEBHOOK_SECRET": SECRET}, "WEBHOOK_URL is not"),
    ],
)
def test_a_wrong_setting_of_the_gateway_is_refused_in_words(values, words):
    with pytest.raises(ImproperlyConfigured, match=words):
        Environment(values).webhook()


def test_hours_and_the_sender_are_read_or_refused():
    assert Environment({}).hours("DELIVERY_HOURS", "8-20") == (8, 20)
    assert Environment({}).webhook() == ("", "")
    for wrong in ("20-8", "8", "8-25", "a-b"):
        with pytest.raises(ImproperlyConfigured, match="8-20"):
            Environment({"DELIVERY_HOURS": wrong}).hours("DELIVERY_HOURS", "8-20")
    with pytest.raises(ImproperlyConfigured, match="EMAIL_FROM"):
        Environment({"EMAIL_URL": "smtp://mail"}).sender(debug=False)


def test_hr_sees_what_was_sent_in_her_part_of_the_bank_and_sends_again_what_was_not(
    cast, by_mail, client, django_assert_max_num_queries
):
    branches = {branch.code: branch for branch in Branch.objects.all()}
    hr = person("300002", "沈知微", branches["BJ"], roles=[Role.BRANCH_ADMINISTRATOR])
    auditor = person("600001", "顾言蹊", branches["BJ"], roles=[Role.AUDITOR])
    outsider = person("100009", "陆沉舟", branches["SH01"], email="s9@bank.example")
    for one in (*cast, outsider):
        notify(person=one, kind=DIGEST, event="1", now=timezone.now(), facts=FACTS)
    route_notices(now=timezone.now())
    NoticeDelivery.objects.update(
        state=State.GIVEN_UP, next_try_at=None, tries=8, answer_code=550, last_error="no address"
    )
    theirs, hers = outsider.notices.get(), cast[0].notices.get()
    listing, proof = "/cms/notices/?delivery=given_up", f"/cms/notices/{hers.pk}/proof/"

    client.force_login(hr)
    with django_assert_max_num_queries(30):
        page = client.get(listing).content.decode()
    assert page.count("2 late") >= 3 and "100001" in page and "100009" not in page
    assert "550" in client.get(proof).content.decode() and "未登记邮箱地址" in client.get(proof).content.decode()
    assert client.get(f"/cms/notices/{theirs.pk}/proof/").status_code == 404
    book = load_workbook(BytesIO(client.get(listing + "&export=xlsx").getvalue()))
    rows = list(book.active.iter_rows(values_only=True))
    assert rows[0][0] == "工号" and {row[0] for row in rows[1:]} == {one.staff_number for one in cast}

    client.force_login(auditor)
    assert client.get(proof).status_code == 200
    assert client.post(proof).status_code == client.get("/cms/notices/again/").status_code == 404

    client.force_login(hr)
    assert "3" in client.get("/cms/notices/again/").content.decode()
    client.post(proof)
    assert hers.deliveries.get().state == State.QUEUED
    client.post("/cms/notices/again/")
    assert NoticeDelivery.objects.filter(state=State.QUEUED).count() == 3
    assert theirs.deliveries.get().state == State.GIVEN_UP
