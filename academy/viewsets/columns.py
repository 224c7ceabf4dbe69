"""Columns of listings: the one that leads to a row, and days and moments as they are."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from wagtail.admin.templatetags import wagtailadmin_tags
from wagtail.admin.ui.tables import TitleColumn


def title_column(view: Any, name: str, *, label: Any, accessor: Any, sort_key: str | None = None) -> TitleColumn:
    """Wagtail's title column with a label and an accessor of our own; the link is the view's edit address."""
    column_class = view._get_title_column_class(TitleColumn)  # noqa: SLF001 - Wagtail names no other way
    return column_class(
        name,
        label=label,
        accessor=accessor,
        sort_key=sort_key,
        get_url=lambda instance: view.get_edit_url(instance) or view.get_inspect_url(instance),
    )


def exact(value: date | None) -> str:
    """A day or a moment written out, '' for none."""
    if not value:
        return ""
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value) if timezone.is_aware(value) else value, "SHORT_DATETIME_FORMAT")
    return date_format(value, "SHORT_DATE_FORMAT")


def exact_by(
    last_update: datetime, show_time_prefix: bool = False, user_display_name: str = "", use_shorthand: bool = True
) -> str:
    """In the place of Wagtail's "1 week, 4 days ago by …": when, and by whom."""
    return f"{exact(last_update)} · {user_display_name}" if user_display_name else exact(last_update)


def say_dates() -> None:
    """Called once, when the admin's places are registered: nothing of Wagtail's says how long ago instead of when."""
    wagtailadmin_tags.register.simple_tag(exact_by, name="timesince_last_update")
    wagtailadmin_tags.register.filter("timesince_simple", exact)
