"""A new question: first its type, then the form of that type, where the last one lies."""

from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _t
from wagtail.admin import messages
from wagtail.models import Revision
from wagtail.snippets.views.snippets import CreateView

from academy.models import User
from academy.requests.asked import whole_number
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.handing_in import SaysNotPublished
from quizzes.models import Question, QuestionBank
from quizzes.pools.exam_pools import readable_questions
from quizzes.types import QUESTION_TYPES
from quizzes.viewsets.cases import place_in_case


def place_of_last(user: User, now: datetime) -> dict[str, Any]:
    """Where the next question most likely belongs: where this person wrote the last one, or in the only bank. Never in a
    pool that is kept for exams."""
    kind = ContentType.objects.get_for_model(Question)
    written = Revision.objects.filter(user=user, base_content_type=kind).order_by("-created_at", "-pk")
    key = written.values_list("object_id", flat=True).first()
    last = readable_questions(user=user, now=now).filter(pk=key).select_related("category").first() if key else None
    if last is None:
        banks = list(QuestionBank.objects.values_list("pk", flat=True)[:2])
        return {"bank": banks[0]} if len(banks) == 1 else {}
    kept = last.category is None or last.category.kept_for_exams
    return {"bank": last.bank_id} if kept else {"bank": last.bank_id, "category": last.category_id}


class QuestionCreateView(SaysNotPublished, CreateView):
    """First the type, then its form."""

    def get(self, request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = {name: request.GET[name] for name in ("bank", "case") if request.GET.get(name)}
        if request.GET.get("type") not in QUESTION_TYPES:
            return TemplateResponse(
                request,
                "quizzes/admin/choose_type.html",
                {
                    "types": [
                        {
                            "label": kind.label,
                            "url": f"{request.path}?{urlencode({'type': code, **asked})}",
                            "help": kind.help_text,
                            "icon": kind.icon,
                        }
                        for code, kind in QUESTION_TYPES.items()
                        if "case" not in asked or code != "case"
                    ],
                    "header_title": self.get_header_title(),
                    "header_icon": "help",
                    "breadcrumbs_items": self.get_breadcrumbs_items(),
                },
            )
        return super().get(request, *args, **kwargs)

    def get_page_title(self) -> str:
        return _t("New question")

    def get_page_subtitle(self) -> str:
        kind = self.request.GET.get("type") or self.request.POST.get("question_type", "")
        return str(QUESTION_TYPES[kind].label) if kind in QUESTION_TYPES else ""

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """The page is called as its tab is."""
        *above, own = super().get_breadcrumbs_items()
        return [*above, {**own, "label": self.get_header_title()}]

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        kind = self.request.GET.get("type") or self.request.POST.get("question_type", "")
        instance = kwargs.get("instance") or Question()
        if not instance.type and kind in QUESTION_TYPES:
            instance.type = kind
        kwargs["instance"] = instance
        bank = whole_number(self.request.GET.get("bank", ""))
        place = {"bank": bank} if bank is not None else place_of_last(self.request.user, timezone.now())
        place |= place_in_case(whole_number(self.request.GET.get("case", "")), self.request.user, timezone.now())
        kwargs["initial"] = {**place, **(kwargs.get("initial") or {})}
        return kwargs

    def get_success_buttons(self) -> list[Any]:
        again = f"{self.add_url}?type={self.object.type}"
        return [*super().get_success_buttons(), messages.button(again, _t("One more of this type"))]
