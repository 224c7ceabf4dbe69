"""A refresher with a pool of its own: renewed by a release, in a bank where no exam and no practice draws."""

from pathlib import Path

import pytest
from django.utils import timezone

from courses.starter.markdown import Unreadable
from courses.starter.records import Records
from courses.starter.refreshers import load_refreshers
from quizzes.models import Question, QuestionBank

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
