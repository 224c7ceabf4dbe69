"""A rubric by which something is judged that counts for a certificate is changed by two people."""

import pytest
from django.urls import reverse
from wagtail.test.utils.form_data import nested_form_data, streamfield

from academy.decisions.objects import reasons_to_count
from academy.doors import counts_towards
from academy.models import JournalEntry, Proposal, Role
from quizzes.models import ObservedPractice, Rubric
from tests.cast import person
from tests.quizzes.observing.cast import practice

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def author(branches):
    return person("200001", "宋知远", branches["BJ"], roles=[Role.TRAINER])


@pytest.fixture
def second(branches):
    return person("200002", "秦守诚", branches["SH"], roles=[Role.TRAINER])


@pytest.fixture
def rubric():
    return Rubric.objects.get(pk=practice().rubric_id)


@pytest.fixture
def counting(rubric):
    """A level asks for the practice that is judged by the rubric."""

    def towards(thing):
        return ["CM1"] if isinstance(thing, ObservedPractice) else []

    counts_towards.register(towards)
    yield rubric
    counts_towards.functions.remove(towards)


def sent(rubric, *, points="2", **fields):
    """What the form sends where the best level of the first criterion is worth so many points."""
    blocks = []
    for block in rubric.criteria:
        value = {name: text or "" for name, text in block.value.items()}
        if block.block_type == "criterion":
            levels = [
                {**level, "text_en": level["text_en"] or "", "points": str(level["points"])}
                for level in value["levels"]
            ]
            if not blocks:
                levels[-1]["points"] = points
            value["levels"] = _list(levels)
        else:
            value["only_observed"] = "on"
        blocks.append((block.block_type, value, block.id))
    data = {"name": rubric.name, "name_en": rubric.name_en, "criteria": streamfield([one[:2] for one in blocks])}
    flat = nested_form_data({**data, **fields})
    return flat | {f"criteria-{place}-id": key for place, (_kind, _value, key) in enumerate(blocks)}


def _list(levels):
    found = {"count": str(len(levels))}
    for place, level in enumerate(levels):
        found[str(place)] = {"value": level, "order": str(place), "deleted": "", "type": "item"}
    return found


def best(rubric):
    return Rubric.objects.get(pk=rubric.pk).as_data()["criteria"][0]["levels"][-1]["points"]


def test_a_rubric_that_counts_is_changed_when_a_second_person_agrees(client, author, second, counting):
    address = reverse("wagtailsnippets_quizzes_rubric:edit", args=[counting.pk])
    client.force_login(author)
    page = client.post(address, sent(counting, points="5", reason="分值与新版标准一致"), follow=True).text

    assert "已交给第二人复核" in page
    assert best(counting) == "2"
    proposal = Proposal.objects.get()
    decide = reverse("proposals:decide", args=[proposal.pk])
    client.force_login(second)
    shown = client.get(decide).text
    assert "计入：CM1" in shown and "分值与新版标准一致" in shown
    assert "<del>2</del>  第2档" in shown and "<ins>5</ins>  第2档" in shown
    client.post(decide, {"decision": "approve"})

    assert best(counting) == "5"
    entry = JournalEntry.objects.get(action="quizzes.change_rubric")
    assert "5  第2档" in str(entry.payload["after"]) and "2  第2档" in str(entry.payload["before"])


def test_the_author_alone_decides_nothing(client, author, second, counting):
    client.force_login(author)
    client.post(reverse("wagtailsnippets_quizzes_rubric:edit", args=[counting.pk]), sent(counting, points="5"))
    client.post(reverse("proposals:decide", args=[Proposal.objects.get().pk]), {"decision": "approve"})

    assert best(counting) == "2"


def test_what_the_form_saves_by_itself_changes_and_proposes_nothing(client, author, second, counting):
    address = reverse("wagtailsnippets_quizzes_rubric:edit", args=[counting.pk])
    client.force_login(author)
    answer = client.post(address, sent(counting, points="5"), headers={"Accept": "application/json"})

    assert "第二人" in answer.json()["error_message"]
    assert best(counting) == "2" and not Proposal.objects.exists()


def test_an_old_state_comes_back_by_two_as_well(client, author, second, counting):
    old = counting.save_revision()
    counting.name = "新版评分表"
    counting.save()
    client.force_login(author)
    page = client.get(reverse("wagtailsnippets_quizzes_rubric:revisions_revert", args=[counting.pk, old.pk]))
    assert page.status_code == 200
    client.post(
        reverse("wagtailsnippets_quizzes_rubric:revisions_revert", args=[counting.pk, old.pk]), sent(old.as_object())
    )

    assert Rubric.objects.get(pk=counting.pk).name == "新版评分表"
    assert Proposal.objects.get().facts["after"]["name"] == old.as_object().name


def test_a_rubric_by_which_nothing_counts_is_changed_by_one(client, author, second, rubric):
    assert reasons_to_count(rubric) == []
    client.force_login(author)
    client.post(reverse("wagtailsnippets_quizzes_rubric:edit", args=[rubric.pk]), sent(rubric, points="5"))

    assert best(rubric) == "5" and not Proposal.objects.exists()
