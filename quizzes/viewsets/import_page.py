"""The same import for trainers: a file or a pasted text, first checked, then written."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from academy.requests.signed_in import SignedInRequest
from academy.viewsets.base import Scope, declares
from academy.viewsets.pages import admin_page
from quizzes.bank.importing import read_any, store_questions
from quizzes.interchange import Undecodable
from quizzes.models import QuestionBank
from quizzes.types import QUESTION_TYPES


class ImportForm(forms.Form):
    bank = forms.ModelChoiceField(QuestionBank.objects.all(), label=_("Question bank"), to_field_name="slug")
    language = forms.ChoiceField(label=_("Language of the file"), choices=settings.LANGUAGES)
    file = forms.FileField(label=_("GIFT, Aiken or Moodle XML file"), required=False)
    text = forms.CharField(
        label=_("or paste the text"), required=False, max_length=2_000_000, widget=forms.Textarea(attrs={"rows": 12})
    )
    encoding = forms.CharField(label=_("Encoding"), required=False, help_text=_("Only when the file is not UTF-8."))


@declares(Scope.CONTENT)
def import_questions(request: SignedInRequest) -> HttpResponse:
    """Checks on the first press, writes on the second; errors name their lines."""
    if not request.user.has_perm("quizzes.add_question"):
        raise Http404
    form = ImportForm(request.POST or None, request.FILES or None)
    done, problem = None, ""
    questions = reverse("wagtailsnippets_quizzes_question:list")
    if request.method == "POST" and form.is_valid():
        data: dict[str, Any] = form.cleaned_data
        raw = data["file"].read() if data["file"] else data["text"].encode()
        try:
            result = read_any(raw, language=data["language"], encoding=data["encoding"])
            done = store_questions(
                result=result,
                bank_slug=data["bank"].slug,
                language=data["language"],
                now=timezone.now(),
                actor=request.user,
                dry_run="check" in request.POST,
            )
            if done.created or done.updated:
                messages.success(
                    request,
                    _t("%(created)s created, %(updated)s updated, as drafts.")
                    % {"created": done.created, "updated": done.updated},
                    buttons=[messages.button(f"{questions}?state=draft", _t("See the drafts"))],
                )
        except Undecodable as fault:
            problem = str(fault)
    rows = [(one, QUESTION_TYPES[one.type].label) for one in done.result.questions] if done else []
    return admin_page(
        request,
        "quizzes/admin/import.html",
        {
            "form": form,
            "done": done,
            "rows": rows,
            "problem": problem,
        },
        title=_t("Import questions"),
        icon="upload",
        above=[(questions, _t("Questions"))],
    )
