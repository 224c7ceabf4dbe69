"""What most lessons are made of: a new one begins with it, and what stays empty does not go out."""

from typing import Any

from wagtail.blocks import StreamValue
from wagtail.models import Page

from courses.models import LessonPage
from courses.models.blocks import USUAL


def begin_with_usual_parts(sender: Any, page: Page, **_more: Any) -> None:
    """Told by Wagtail before the form of a new page is shown."""
    if isinstance(page, LessonPage):
        body = LessonPage._meta.get_field("body").stream_block
        page.body = StreamValue(body, [(name, body.child_blocks[name].get_default()) for name in USUAL])
