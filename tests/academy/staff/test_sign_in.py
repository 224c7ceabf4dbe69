"""Guessing is slow, and nobody locks a colleague out; where a request comes from, behind a gateway or not."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.test import Client, RequestFactory
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from academy.models import FailedSignIn, JournalEntry, Notice, Role
from academy.requests.client_address import client_address
from academy.staff.sign_in_limits import BY_ACCOUNT, BY_ADDRESS, HORIZON, WAITS, forget_failed_sign_ins, opens_at
from tests.cast import bank, person

ROOT = Path(__file__).resolve().parents[3]
MORNING = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
PASSWORD = "a-long-password"
HERE, ELSEWHERE = "10.1.1.1", "10.2.2.2"


@pytest.fixture
def branches(db):
    with time_machine.travel(MORNING - timedelta(days=1), tick=False):
        yield bank()


@pytest.fixture
def candidate(branches):
    return person("100001", "欧阳文澜", branches["BJ01"])


def sign_in(client: Client, at: datetime, password: str, login: str = "100001", address: str = HERE) -> bool:
    with time_machine.travel(at, tick=False):
        client.cookies.pop("sessionid", None)
        client.post(reverse("account_login"), {"login": login, "password": password}, REMOTE_ADDR=address)
        return "_auth_user_id" in client.session


def guess(times: int, at: datetime, *, login: str = "100001", address: str = ELSEWHERE) -> None:
    for _number in range(times):
        assert not sign_in(Client(), at, "guessed", login, address)


def test_five_wrong_ones_from_one_address_wait_longer_and_longer(candidate):
    guess(5, MORNING, address=HERE)
    moment, waits = MORNING, []
    for _number in range(5):
        opens = next(minutes for minutes in range(20) if sign_in_is_counted(moment + timedelta(minutes=minutes)))
        waits.append(opens)
        moment += timedelta(minutes=opens)

    assert waits == [1, 2, 4, 8, 15]


def sign_in_is_counted(at: datetime) -> bool:
    before = FailedSignIn.objects.count()
    sign_in(Client(), at, "guessed")
    return FailedSignIn.objects.count() > before


def test_while_it_waits_the_right_password_waits_too_and_the_page_says_until_when(candidate):
    guess(5, MORNING, address=HERE)
    client = Client()
    with time_machine.travel(MORNING, tick=False):
        page = client.post(
            reverse("account_login"),
            {"login": "100001", "password": PASSWORD},
            REMOTE_ADDR=HERE,
            headers={"accept-language": "en"},
        ).content.decode()

    assert "09:01" in page and "invigilator" in page
    assert "_auth_user_id" not in client.session
    assert sign_in(client, MORNING + timedelta(minutes=1), PASSWORD)


def test_a_colleague_at_the_next_address_locks_nobody_out(candidate):
    guess(20, MORNING)

    assert sign_in(Client(), MORNING, PASSWORD)


def test_a_colleague_behind_the_same_address_does_not_lock_out_the_own_device(candidate):
    phone = Client()
    assert sign_in(phone, MORNING - timedelta(hours=3), PASSWORD)
    guess(5, MORNING, address=HERE)

    assert not sign_in(Client(), MORNING, PASSWORD)
    assert sign_in(phone, MORNING, PASSWORD)


def test_the_own_device_has_an_allowance_and_no_more(candidate):
    phone = Client()
    assert sign_in(phone, MORNING - timedelta(hours=3), PASSWORD)
    for _number in range(5):
        sign_in(phone, MORNING, "guessed")

    assert not sign_in(phone, MORNING, PASSWORD)


def test_a_device_of_somebody_else_or_a_forged_one_is_no_own_device(candidate, branches):
    person("100002", "林一舟", branches["BJ01"])
    other = Client()
    assert sign_in(other, MORNING - timedelta(hours=3), PASSWORD, login="100002")
    guess(5, MORNING, address=HERE)
    forged = Client()
    forged.cookies["device"] = other.cookies["device"].value[:-1] + "x"

    assert not sign_in(other, MORNING, PASSWORD)
    assert not sign_in(forged, MORNING, PASSWORD)


def test_many_addresses_meet_the_limit_of_the_account(candidate):
    for number in range(50):
        guess(1, MORNING, address=f"10.3.0.{number}")

    assert not sign_in(Client(), MORNING, PASSWORD, address="10.4.0.1")


def test_names_that_are_nobodys_wait_alike_and_are_not_kept_in_words(candidate):
    guess(5, MORNING, login="my-secret-password", address=HERE)

    with time_machine.travel(MORNING, tick=False):
        page = (
            Client()
            .post(
                reverse("account_login"),
                {"login": "my-secret-password", "password": "x"},
                REMOTE_ADDR=HERE,
                headers={"accept-language": "en"},
            )
            .content.decode()
        )
    assert "09:01" in page
    assert not any("secret" in str(value) for row in FailedSignIn.objects.values_list() for value in row)


def test_the_person_is_told_once_a_day(candidate):
    guess(5, MORNING)
    guess(1, MORNING + timedelta(minutes=5))

    assert Notice.objects.filter(person=candidate, kind="academy.sign_in_locked").count() == 1


def test_hr_of_the_branch_unlocks_and_hr_of_another_finds_nobody(candidate, branches):
    guess(5, MORNING, address=HERE)
    unlock = reverse("wagtailusers_users:unlock", args=[candidate.pk])
    clients = {}
    for number, branch in [("300001", "BJ"), ("300002", "SH")]:
        hr = person(number, "人资", branches[branch], roles=[Role.HR])
        clients[branch] = Client()
        with time_machine.travel(MORNING, tick=False):
            clients[branch].force_login(hr)
    with time_machine.travel(MORNING, tick=False):
        foreign = clients["SH"].post(unlock).status_code
        assert FailedSignIn.objects.count() == 5
        page = (
            clients["BJ"]
            .get(reverse("wagtailusers_users:inspect", args=[candidate.pk]), headers={"accept-language": "en"})
            .content.decode()
        )
        clients["BJ"].post(unlock)

    assert foreign == 404
    assert unlock in page
    assert sign_in(Client(), MORNING, PASSWORD)
    assert JournalEntry.objects.filter(action="academy.unlock_sign_in", person=candidate).count() == 1


def test_old_failures_go(candidate):
    guess(2, MORNING)

    assert forget_failed_sign_ins(now=MORNING + timedelta(days=29)) == 0
    assert forget_failed_sign_ins(now=MORNING + timedelta(days=31)) == 2


@given(st.lists(st.integers(0, 7200), max_size=80), st.sampled_from([BY_ADDRESS, BY_ACCOUNT]))
def test_waiting_begins_with_the_allowance_and_never_lasts_longer_than_the_longest(seconds, allowance):
    moments = [MORNING + timedelta(seconds=second) for second in sorted(seconds)]
    opens = opens_at(moments, allowance)

    if len(moments) < allowance.tries:
        assert opens is None
    if opens is not None:
        assert moments[-1] + WAITS[0] <= opens <= moments[-1] + WAITS[-1]
        assert opens_at([*moments, moments[-1] + HORIZON], allowance) is None


@pytest.mark.parametrize(
    ("hops", "forwarded", "expected"),
    [
        (0, "", "192.0.2.1"),
        (0, "10.0.0.7", "192.0.2.1"),
        (1, "10.0.0.7", "10.0.0.7"),
        (1, "6.6.6.6, 10.0.0.7", "10.0.0.7"),
        (2, "6.6.6.6, 10.0.0.7, 172.16.0.1", "10.0.0.7"),
        (2, "10.0.0.7", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "10.0.0.7:4711", "10.0.0.7"),
        (1, "[2001:db8::7]:4711", "2001:db8::7"),
        (1, "::ffff:10.0.0.7", "10.0.0.7"),
        (1, "<script>", "192.0.2.1"),
    ],
)
def test_the_address_is_what_the_own_gateway_wrote(settings, hops, forwarded, expected):
    settings.TRUSTED_HOPS = hops
    headers = {"x-forwarded-for": forwarded} if forwarded else {}

    assert client_address(RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", headers=headers)) == expected


def test_behind_the_gateway_the_worlds_lookups_are_not_one_address(settings, client, db):
    settings.TRUSTED_HOPS = 1
    unknown = reverse("certificates:verify_code", args=["0000-0000-0000-0000-0000"])
    codes = {
        client.get(unknown, headers={"x-forwarded-for": f"10.0.{number // 250}.{number % 250}"}).status_code
        for number in range(80)
    }

    assert codes == {404}


def test_who_looks_up_codes_like_a_machine_waits_and_nobody_else(settings, client, db):
    settings.TRUSTED_HOPS = 1
    unknown = reverse("certificates:verify_code", args=["0000-0000-0000-0000-0000"])

    def look_up(address: str) -> int:
        return client.get(unknown, headers={"x-forwarded-for": f"6.6.6.6, {address}"}).status_code

    assert [look_up("10.9.9.9") for _time in range(62)] == [404] * 60 + [429] * 2
    assert look_up("10.9.9.8") == 404


def test_nothing_else_reads_where_a_request_comes_from():
    readers = {
        path.name
        for app in ("academy", "quizzes", "courses", "certificates")
        for path in (ROOT / app).rglob("*.py")
        if "REMOTE_ADDR" in path.read_text(encoding="utf-8") or "FORWARDED_FOR" in path.read_text(encoding="utf-8")
    }

    assert readers == {"client_address.py"}


def test_signing_in_after_going_back_from_the_sign_out_page_leads_home(candidate, client):
    """The browser comes from the page that asked whether to sign out; the next person on the device would be asked so."""
    page = client.get("/accounts/logout/", follow=True)
    assert page.redirect_chain[-1][0].endswith("next=/accounts/logout/")

    signed_in = client.post(page.redirect_chain[-1][0], {"login": candidate.staff_number, "password": PASSWORD})

    assert signed_in["Location"] == "/"
