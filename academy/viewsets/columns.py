"""The column that leads from a listing to one of its rows."""

from typing import Any

from wagtail.admin.ui.tables import TitleColumn


def title_column(view: Any, name: str, *, label: Any, accessor: Any, sort_key: str | None = None) -> TitleColumn:
    """Wagtail's title column with a label and an accessor of our own; the link is the view's edit address."""
    column_class = view._get_title_column_class(TitleColumn)
    return column_class(
        name,
        label=label,
        accessor=accessor,
        sort_key=sort_key,
        get_url=lambda instance: view.get_edit_url(instance) or view.get_inspect_url(instance),
    )
