"""Whatever a stranger types to verify a certificate is answered with a verdict, what to check and the form again."""

import pytest
from django.utils import timezone

from academy.models import AccessLog
from certificates.document.codes import Mistake, mistake_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("7KQ2-M9XD-4TFA-R8WC-1234", Mistake.UNKNOWN),
        ("7kq2 m9xd 4tfa r8wc l234", Mistake.UNKNOWN),
        ("CM2-2026-BJCY01-000417", Mistake.SERIAL),
        ("cm1 – 2026 – 000001", Mistake.SERIAL),
        ("欧阳文澜", Mistake.NAME),
        ("Maria Lopez", Mistake.NAME),
        ("ABCD-EFGH", Mistake.LENGTH),
        ("7KQ2-M9XD", Mistake.LENGTH),
        ("abc", Mistake.LENGTH),
        ("10000231", Mistake.LENGTH),
    ],
)
def test_what_was_typed_is_told_from_its_form(typed, expected):
    assert mistake_in(typed) == expected


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("7KQ2-M9XD-4TFA-R8WC-1234", "本行没有签发过使用此核验码的证书"),
        ("CM2-2026-BJCY01-000417", "这是证书编号，不是核验码"),
        ("欧阳文澜", "不能按持证人姓名查询"),
        ("7KQ2-M9XD", "您输入了 8 位"),
        ("../<b>", "这不是核验码"),
        ("abc", "您输入了 3 位"),
    ],
)
def test_what_leads_to_no_certificate_has_a_verdict_and_the_form(client, settings, typed, words):
    # As the demo runs: Django's own page of a missing address is replaced there, ours is not.
    settings.DEBUG = True
    settings.MIDDLEWARE = ["academy.middleware.plain_not_found", *settings.MIDDLEWARE]

    for answer in (client.get("/verify/", {"code": typed}, follow=True), client.get(f"/verify/{typed}/")):
        page = answer.content.decode()
        assert answer.status_code == 404
        # Only a whole code can be wrong: for anything else no certificate is missing, and nothing is said of one.
        is_code = "没有签发过" in words
        assert words in page and ("核验码不完整" in page) == ("您输入了" in words)
        for verdict in ("没有这本证书", "verdict--bad", "✕", "请勿采信"):
            assert (verdict in page) == is_code, verdict
        assert "五组" in page
        assert 'name="code"' in page and "<b>" not in page


def test_an_address_that_does_not_exist_keeps_the_houses_own_page(client, settings):
    settings.DEBUG = True
    settings.MIDDLEWARE = ["academy.middleware.plain_not_found", *settings.MIDDLEWARE]

    page = client.get("/no/such/address/").content.decode()

    assert "页面不存在" in page and "urlpatterns" not in page


def test_nothing_typed_is_said_beside_the_field(client):
    page = client.get("/verify/", {"code": "  "}).content.decode()

    assert 'aria-describedby="code-error"' in page and "请输入证书的核验码" in page
    assert not AccessLog.objects.exists()


def test_what_is_no_code_counts_as_a_question_of_its_address(client):
    answers = [client.get("/verify/", {"code": "欧阳文澜"}) for _time in range(61)]

    assert [answer.status_code for answer in answers] == [404] * 60 + [429]
    page = answers[-1].content.decode()
    assert "一分钟内查询次数过多" in page and 'name="code"' in page
    assert AccessLog.objects.filter(outcome="unknown", at__lte=timezone.now()).count() == 60
