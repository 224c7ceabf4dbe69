"""What a page of the admin is called, put together by the language's own rules: Wagtail joins two parts by “: ” everywhere."""

from django.utils.translation import pgettext
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin


def header_title(self: WagtailAdminTemplateMixin) -> str:
    """The page's title, and behind it what it is about."""
    what, name = self.get_page_title(), self.get_page_subtitle()
    return pgettext("title of a page", "%(what)s: %(name)s") % {"what": what, "name": name} if name else what


def title_pages_by_language() -> None:
    """Called once, when the admin's places are registered."""
    WagtailAdminTemplateMixin.get_header_title = header_title
