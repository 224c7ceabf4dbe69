"""The form of a page: one column, as Wagtail's editor draws a tab."""

from typing import Any

from django.utils.translation import gettext as _
from wagtail.admin.forms.pages import WagtailAdminPageForm
from wagtail.admin.panels import ObjectList, TitleFieldPanel

from academy.bilingual import listed
from academy.house_rules.quoting import codes_in
from academy.models import HouseRule
from courses.models.blocks import unwritten_parts


class PageForm(ObjectList):
    """All panels in one column. Wagtail's margins, comments and side panels look for the box that its tabs have."""

    class BoundPanel(ObjectList.BoundPanel):
        template_name = "courses/admin/page_form.html"


class TitlePanel(TitleFieldPanel):
    """The large title. The address is made from it by the server, so no other field has to follow it."""

    class BoundPanel(TitleFieldPanel.BoundPanel):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            if self.instance.locale_id:
                writing = _("You are writing in %(language)s.") % {"language": self.instance.locale.get_display_name()}
                self.help_text: str = " ".join(filter(None, (str(self.panel.help_text), writing)))

        def get_attrs(self) -> dict[str, Any]:
            placeholder = self.get_placeholder()
            return {"placeholder": placeholder} if placeholder else {}


def empty_lesson(parts: list[str]) -> str:
    """Why a lesson that teaches nothing does not go out, with the parts that stand empty."""
    if len(parts) == 1:
        return _("This lesson is empty. Write something in “%(part)s”.") % {"part": parts[0]}
    return _("This lesson is empty. Write at least one of: %(parts)s.") % {"parts": listed(parts)}


class LessonForm(WagtailAdminPageForm):
    """A lesson that says nothing, or quotes a house rule which is not there, stays a draft."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if not self.is_deferred_validation:
            body = cleaned.get("body")
            self.instance.left_out = getattr(body, "left_out", [])
            unwritten = unwritten_parts(body) if body is not None else []
            if unwritten:
                self.add_error("body", empty_lesson(unwritten))
            words = [cleaned.get("title"), cleaned.get("summary"), body.get_prep_value() if body else ""]
            asked = codes_in(words)
            known = set(HouseRule.objects.filter(code__in=asked).values_list("code", flat=True)) if asked else set()
            for code in sorted(asked - known):
                self.add_error("body", _("There is no house rule “%(code)s”.") % {"code": code})
        return cleaned
