"""What a page of the admin is called and how many rows a list has, put together by the language's own rules: Wagtail joins
the parts by “: ” and by a space everywhere, and calls the top of the page tree “Root” in every language. What is edited is
called by the name that stands."""

from django.utils.functional import cached_property
from django.utils.translation import pgettext
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.utils import get_latest_str
from wagtail.admin.views.generic import EditView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.models import Page

_display_title = Page.get_admin_display_title
_subtitle_of_edit = EditView.get_page_subtitle


def header_title(self: WagtailAdminTemplateMixin) -> str:
    """The page's title, and behind it what it is about."""
    what, name = self.get_page_title(), self.get_page_subtitle()
    return pgettext("title of a page", "%(what)s: %(name)s") % {"what": what, "name": name} if name else what


def standing_name(self: EditView) -> str:
    """What is edited, by the name that it has: a form that was refused has put what was typed into the object."""
    if self.request.method == "POST":
        stands = type(self.object)._base_manager.filter(pk=self.object.pk).first()
        if stands is not None:
            return str(get_latest_str(stands))
    return str(_subtitle_of_edit(self))


def items_count_label(self: WagtailPaginator) -> str:
    """How many rows a list has, below it."""
    name = self.verbose_name if self.count == 1 else self.verbose_name_plural
    return pgettext("rows of a list", "%(count)s %(name)s") % {"count": self.count, "name": name}


def display_title(self: Page) -> str:
    return pgettext("top of the page tree", "All pages") if self.is_root() else _display_title(self)


def title_pages_by_language() -> None:
    """Called once, when the admin's places are registered."""
    WagtailAdminTemplateMixin.get_header_title = header_title
    EditView.get_page_subtitle = standing_name
    found = cached_property(items_count_label)
    found.__set_name__(WagtailPaginator, "items_count_label")
    WagtailPaginator.items_count_label = found
    Page.get_admin_display_title = display_title
