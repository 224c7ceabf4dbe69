"""The matrix of each quiz's former choice, blueprint counts of former draws, and what the clock looks at next."""

from django.db import migrations
from django.db.models import F

from quizzes.models.matrix import preset_matrix


def fill(apps, schema_editor):
    Quiz, QuizSlot, Attempt = (apps.get_model("quizzes", name) for name in ("Quiz", "QuizSlot", "Attempt"))
    for review in ("result", "explanations", "answers"):
        Quiz.objects.filter(review=review).update(review_matrix=preset_matrix(review))
    Quiz.objects.update(wait_later_minutes=F("wait_minutes"))
    QuizSlot.objects.filter(category=None).update(count=0)
    for difficulty in ("easy", "medium", "hard"):
        QuizSlot.objects.filter(difficulty=difficulty).update(**{difficulty: F("count"), "count": 0})
    Attempt.objects.filter(state="in_progress").update(check_at=F("deadline"))
    Attempt.objects.filter(state="finished").update(released_at=F("finished_at"))
    Attempt.objects.update(drawn_at=F("started_at"))
    for revision in apps.get_model("wagtailcore", "Revision").objects.filter(
        content_type__app_label="quizzes", content_type__model="quiz"
    ):
        revision.content = converted(revision.content)
        revision.save(update_fields=["content"])


def converted(content):
    """A stored draft in the new fields."""
    content = dict(content)
    if "review" in content:
        content["review_matrix"] = preset_matrix(content.pop("review"))
        content["wait_later_minutes"] = content.get("wait_minutes", 0)
    slots = []
    for slot in content.get("slots") or []:
        slot = dict(slot)
        difficulty, count = slot.pop("difficulty", ""), slot.get("count", 0)
        if not slot.get("category"):
            slot["count"] = 0
        elif difficulty:
            slot |= {"count": 0, difficulty: count}
        slots.append(slot)
    if slots:
        content["slots"] = slots
    return content


class Migration(migrations.Migration):
    dependencies = [("quizzes", "0005_rules_and_states"), ("wagtailcore", "0098_apitoken")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
