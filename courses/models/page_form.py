"""The form of a page: one column, as Wagtail's editor draws a tab."""

from typing import Any

from wagtail.admin.panels import ObjectList, TitleFieldPanel


class PageForm(ObjectList):
    """All panels in one column. Wagtail's margins, comments and side panels look for the box that its tabs have."""

    class BoundPanel(ObjectList.BoundPanel):
        template_name = "courses/admin/page_form.html"


class TitlePanel(TitleFieldPanel):
    """The large title. The address is made from it by the server, so no other field has to follow it."""

    class BoundPanel(TitleFieldPanel.BoundPanel):
        def get_attrs(self) -> dict[str, Any]:
            placeholder = self.get_placeholder()
            return {"placeholder": placeholder} if placeholder else {}
