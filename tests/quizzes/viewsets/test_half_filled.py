"""Questions, quizzes and what stands beside them are saved by themselves while they are being written: as empty as they are."""

import pytest

from academy.models import Role
from quizzes.types import QUESTION_TYPES
from tests.cast import bank, person
from tests.controls import Fields
from tests.demo.walking import addresses

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer(client):
    client.force_login(person("900001", "管理员", bank()["HO"], roles=[Role.TRAINER], is_superuser=True))
    return client


def saved_by_itself(client, address: str) -> None:
    page = client.get(address)
    assert page.status_code == 200, address
    sent = Fields(page.content.decode()).data
    for typed in ({}, {"title": "礼", "name": "礼"}):
        answer = client.post(address, {**sent, **typed}, HTTP_ACCEPT="application/json")
        assert answer.status_code < 500, (address, answer.content[:300])


@pytest.mark.parametrize("code", QUESTION_TYPES)
def test_an_empty_question_of_each_type_is_saved_by_itself_or_told_why_not(trainer, code):
    saved_by_itself(trainer, f"/cms/questions/add/?type={code}")


def test_every_form_of_the_admin_that_makes_something_is_sent_as_it_stands(trainer):
    forms = [address for address in addresses() if address.name.endswith(":add") and "<" not in address.template]
    opened = [address.template for address in forms if trainer.get(address.template).status_code == 200]
    assert len(opened) > 10

    for template in opened:
        saved_by_itself(trainer, template)
