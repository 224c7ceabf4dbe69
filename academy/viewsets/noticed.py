"""A form of the admin whose saving tells people or does more to them: it says so, and saves when it is sent again unchanged."""

import hashlib
import json
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from wagtail.admin import messages

from academy.duties.ahead import NoticesAhead, notices_ahead
from academy.viewsets.mixing import WagtailPart

SESSION_KEY = "academy_counted_form"


class NoticesFirstMixin(WagtailPart):
    """For the views by which Wagtail makes and edits; ``count_notices`` takes the step in the way of the rule."""

    def count_notices(self, form: Any) -> NoticesAhead:
        raise NotImplementedError

    def foreseen(self, form: Any) -> list[str]:
        """What else the step would do, in sentences; none where nobody need read it first."""
        return []

    def again(self, form: Any) -> str:
        """What is said above the form that is shown again."""
        return _("%(notices)s Press the button once more to do it.")

    def form_valid(self, form: Any) -> HttpResponse:
        sent = sorted(
            (key, self.request.POST.getlist(key)) for key in self.request.POST if key != "csrfmiddlewaretoken"
        )
        mark = hashlib.sha256(json.dumps([self.request.path, sent]).encode()).hexdigest()
        if self.request.session.pop(SESSION_KEY, "") != mark:
            ahead = self.count_notices(form)
            foreseen = self.foreseen(form)
            if ahead.count or foreseen:
                self.request.session[SESSION_KEY] = mark
                if foreseen:
                    lines = format_html_join(mark_safe("<br>"), "{}", ((line,) for line in foreseen))
                    messages.info(self.request, lines)
                messages.warning(self.request, self.again(form) % {"notices": ahead})
                return self._shown_again()
            # The step was taken and rolled back: what the form holds of it is left behind.
            form = self._anew()
        return super().form_valid(form)

    def _shown_again(self) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=self._anew()))

    def _anew(self) -> Any:
        if getattr(self, "object", None) is not None:
            self.object = self.get_object()
        form = self.get_form()
        form.is_valid()
        return form


class SavedOnceCountedMixin(NoticesFirstMixin):
    """For forms whose ``save`` is the rule, given the moment ``now`` of the form: what it tells by a change is counted."""

    def count_notices(self, form: Any) -> NoticesAhead:
        def save(keys: list[int]) -> list[int]:
            form.save()
            return []

        if form.instance.pk is None:
            return NoticesAhead(0)
        try:
            return notices_ahead(keys=[0], step=save, now=form.now)
        except ValidationError:
            # Refused as ever, when it is saved.
            return NoticesAhead(0)
