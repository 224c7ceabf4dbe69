"""Every kind of act in the demo's journal says before and after in the reader's words, in both languages."""

import re

import pytest
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import override

from academy.journal import ACTIONS
from academy.models import JournalEntry, User

pytestmark = pytest.mark.django_db
CHINESE = re.compile(r"[\u4e00-\u9fff]")
CODES = re.compile(
    r"[a-z0-9]_[a-z]|\bNone\b|\bTrue\b|\bFalse\b|[{}\[\]]|\b(?:academy|quizzes|courses|certificates)\.[a-z]"
)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_entry_shows_codes_or_dictionaries(client, language):
    client.force_login(User.objects.get(staff_number="600001"))
    newest = JournalEntry.objects.values("action").annotate(newest=Max("pk")).values_list("action", "newest")
    unsaid = {}
    for action, pk in newest:
        answer = client.get(reverse("journal:entry", args=[pk]), headers={"accept-language": language})
        lines = [part for line in [*answer.context["changes"], *answer.context["stayed"]] for part in line]
        codes = [part for part in [*lines, answer.context["about"]] if CODES.search(part)]
        strange = [line[0] for line in [*answer.context["changes"], *answer.context["stayed"]] if line[0]]
        strange = [name for name in strange if bool(CHINESE.search(name)) != (language == "zh-hans")]
        if codes or strange:
            unsaid[action] = codes + strange
    assert len(newest) > 60 and unsaid == {}


def test_no_action_keeps_the_language_in_which_it_was_registered():
    for language, wrong in (("en", CHINESE), ("zh-hans", re.compile(r"^[ -~]+$"))):
        with override(language):
            labels = {code: str(label) for code, label in ACTIONS.items() if not code.startswith("tests.")}
            assert [code for code, label in labels.items() if wrong.search(label)] == []
