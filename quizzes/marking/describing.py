"""A repair in words, for the second person who decides it."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from academy.models import Proposal
from quizzes.marking.repairs import Mode
from quizzes.models import Question, RegradeRun
from quizzes.pools.uses import of_exams


def describe_regrade(proposal: Proposal) -> list[tuple[Any, Any]]:
    facts = proposal.facts
    undone = [facts[name] for name in ("undone_on", "undone_mode", "undone_reason") if name in facts]
    if undone:
        undone[1] = Mode(undone[1]).label
    return [
        (_("Question"), _question_said(proposal)),
        (_("Version"), facts["version"]),
        (_("What is done"), Mode(facts.get("mode", Mode.KEY)).label),
        *(
            [(_("On the papers of"), facts["quiz"]), (pgettext("of a question", "New mark"), facts["worth"])]
            if "worth" in facts
            else []
        ),
        *([(_("The repair that is undone"), " · ".join(map(str, undone)))] if undone else []),
        (_("Papers whose mark changes"), facts["changed"]),
        *([(_("People whose mark changes"), facts["people"])] if "people" in facts else []),
        (_("pass by it"), facts["gained"]),
        (_("no longer pass"), facts["lost"]),
        *(
            [(_("Level touched"), pgettext("between reasons", "; ").join(facts["touched"]))]
            if "touched" in facts
            else []
        ),
        *(
            [(_("Stay as they are"), pgettext("between reasons", "; ").join(facts["stays"]))]
            if "stays" in facts
            else []
        ),
    ]


def _question_said(proposal: Proposal) -> Any:
    """The words, with the way to the page of the repair; of an exam's the number: that page tells its words to whom it may."""
    run = RegradeRun.objects.filter(pk=proposal.facts["run"]).select_related("question__category").first()
    if run is None:
        return proposal.facts["question"]
    of_exam = Question.objects.filter(of_exams(), pk=run.question_id).exists()
    said = str(run.question) if of_exam else run.question.stem()
    address = f"{reverse('quiz_regrade', args=[run.question_id])}?{urlencode({'mode': run.mode})}"
    return format_html('<a href="{}">{}</a>', address, said)
