"""A refresher with a pool of its own: renewed by a release, in a bank where no exam and no practice draws."""

from pathlib import Path

import pytest
from django.utils import timezone

from academy.house_rules.formatting import said
from courses.starter.markdown import Unreadable
from courses.starter.records import Records
from courses.starter.refreshers import load_refreshers
from quizzes.models import Question, QuestionBank
from tests.academy.house_rules.factories import rule_of

pytestmark = pytest.mark.django_db


def write(folder: Path, *names: str, category: str = "yearly") -> None:
    for language in ("zh-hans", "en"):
        text = [f"$CATEGORY: {category}", *(f"// [id:{name}]\n::{name}::{language} {name}{{#3:0}}" for name in names)]
        (folder / "service").mkdir(exist_ok=True)
        (folder / "service" / f"questions.{language}.gift").write_text("\n\n".join(text), encoding="utf-8")


def load(folder: Path) -> list[str]:
    records = Records()
    load_refreshers(folder, records=records, now=timezone.now())
    return records.report


def test_what_a_release_leaves_out_is_retired_and_twice_changes_nothing(tmp_path):
    write(tmp_path, "svr-1", "svr-2")
    load(tmp_path)

    again = load(tmp_path)
    write(tmp_path, "svr-2", "svr-3")
    load(tmp_path)

    bank = QuestionBank.objects.get()
    live = Question.objects.filter(live=True)
    assert again == []
    assert (bank.slug, bank.name_en, bank.open_for_practice) == (
        "service-refresher",
        "Service certificate refresher questions",
        False,
    )
    assert sorted(live.values_list("external_id", flat=True)) == ["svr-2", "svr-3"]
    assert set(live.values_list("category__slug", "category__kept_for_exams")) == {("yearly-quiz", False)}


def test_a_question_elsewhere_is_refused(tmp_path):
    write(tmp_path, "svr-1", category="monthly")

    with pytest.raises(Unreadable):
        load(tmp_path)


@pytest.mark.parametrize(("says", "held"), [("2", False), ("3", True)])
def test_a_key_of_a_release_is_held_where_the_bank_s_rule_says_otherwise_than_its_sample(tmp_path, says, held):
    rule_of("first-reply", "working-days", says)
    write(tmp_path, "svr-1")
    for file in (tmp_path / "service").glob("*.gift"):
        file.write_text(
            file.read_text(encoding="utf-8").replace("[id:", "[tag:rule:first-reply] [id:"), encoding="utf-8"
        )
    records = Records()
    records.house_rules = {"first-reply": [["", "", said("working-days", "2")]]}

    load_refreshers(tmp_path, records=records, now=timezone.now())

    assert (Question.objects.get().held_at is not None) is held
