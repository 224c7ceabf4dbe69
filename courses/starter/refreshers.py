"""Questions of refreshers with a pool of their own: a folder each under ``refreshers/``, renewed every year.

``questions.zh-hans.gift`` and ``questions.en.gift`` hold them in both languages, joined by ``[id:…]``, under ``$CATEGORY:
yearly``. They lie in a bank of their own, where neither an exam nor practice draws: what is left out of the files is retired.
"""

from datetime import datetime
from pathlib import Path

from courses.starter.exam_pools import read_questions, track_names
from courses.starter.markdown import Unreadable
from courses.starter.pools import QUIZ, pool_slug
from courses.starter.records import Records
from courses.starter.writing import make_pool, retire_question, write_question
from quizzes.models import QuestionBank, QuestionCategory

YEARLY = "yearly"


def load_refreshers(folder: Path, *, records: Records, now: datetime) -> None:
    """Loads the questions of each refresher. Raises ``Unreadable``."""
    for path in sorted(folder.glob("*")):
        if path.is_dir():
            _load(path, records, now)


def _load(path: Path, records: Records, now: datetime) -> None:
    questions = read_questions(path)
    if any(not imported.external_id or imported.category != YEARLY for imported in questions):
        raise Unreadable(f"{path.name}: every question of a refresher has an [id:…] and stands under {YEARLY!r}")
    chinese, english = track_names(path.name)
    names = {"name": f"{chinese}复训题库", "name_en": f"{english} refresher questions"}
    bank, _created = QuestionBank.objects.get_or_create(
        slug=f"{path.name}-refresher", defaults={**names, "open_for_practice": False}
    )
    standing = {imported.external_id: imported for imported in bank.questions.select_related("current_version")}
    prefix = f"refreshers/{path.name}/"
    keys = {imported.external_id: f"{prefix}questions#{imported.external_id}" for imported in questions}
    for key in records.left_out(prefix, set(keys.values())):
        retire_question(standing.get(key.partition("#")[2]), key, records, now)
    for imported in questions:
        question = standing.get(imported.external_id)
        write_question(question, imported, bank, _pool(bank), keys[imported.external_id], records, now)


def _pool(bank: QuestionBank) -> QuestionCategory:
    category = bank.categories.filter(slug=pool_slug(YEARLY, QUIZ)).first()
    return category or make_pool(bank, YEARLY, QUIZ, {"zh-hans": "年度复训", "en": "Yearly refresher"})
