"""The pieces a lesson is written with, named in the trainer's words."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.html import strip_tags
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks.list_block import ListValue
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock
from wagtail.rich_text import RichText
from wagtail.snippets.blocks import SnippetChooserBlock
from wagtail.snippets.widgets import AdminSnippetChooser
from wagtailmedia.blocks import VideoChooserBlock

from academy.doors import by_name
from courses.drawings.pictures import alternative, alternatives, explaining, short_name

RICH_TEXT = ["h2", "h3", "bold", "italic", "ul", "ol", "link", "document-link"]
LINE_TEXT = ["bold", "italic"]


def _written(lines: ListValue) -> list[str]:
    return [line for line in lines if line.strip()]


class SayBlock(blocks.StructBlock):
    """这样说 / 不要这样说."""

    say = blocks.ListBlock(blocks.TextBlock(rows=2), label=_("Say it like this"))
    avoid = blocks.ListBlock(blocks.TextBlock(rows=2), label=_("Not like this"))

    def clean(self, value: blocks.StructValue) -> blocks.StructValue:
        """As for whole blocks: a line that was left empty does not go out."""
        if not self.is_deferred_validation:
            for name, lines in self.child_blocks.items():
                value[name] = ListValue(lines, _written(value[name]))
        return super().clean(value)

    def get_context(self, value: blocks.StructValue, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        return {**context, **{name: _written(value[name]) for name in self.child_blocks}}

    class Meta:
        template = "courses/blocks/say.html"
        icon = "openquote"
        label = _("Say this / not this")


class PictureBlock(blocks.StructBlock):
    image = ImageChooserBlock(label=_("Picture"))
    alt = blocks.CharBlock(
        label=_("What it shows"),
        required=False,
        help_text=_("Read aloud to those who cannot see it. Empty: decoration."),
    )
    caption = blocks.CharBlock(label=pgettext_lazy("picture", "Caption"), required=False)

    class Meta:
        template = "courses/blocks/picture.html"
        icon = "image"
        label = _("Picture")


def drawing_choices() -> list[tuple[str, str]]:
    """The shipped drawings by what they show, in short and in the trainer's language."""
    language = get_language() or "zh-hans"
    return [(name, short_name(name=name, language=language)) for name in explaining()]


class DrawingSelect(forms.Select):
    """Each drawing stands in the list and is found by what it shows, in either language; the chosen one stands below."""

    class Media:
        js = ("courses/drawing_choice.js",)

    def __init__(self, attrs: Any = None, choices: Any = ()) -> None:
        address = reverse_lazy("course_admin:drawing", args=["name"])
        super().__init__({"data-drawings": address, **(attrs or {})}, choices)

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if not value:
            return option
        shows = {
            "title": alternative(name=str(value), language=get_language() or "zh-hans"),
            "data-words": " ".join(alternatives().get(str(value), {}).values()),
            "data-picture": reverse("course_admin:drawing", args=[value]),
        }
        return {**option, "attrs": {**option["attrs"], **shows}}


class DrawingChoiceBlock(blocks.ChoiceBlock):
    """A migration holds it as a text: which drawings there are is no matter of the database."""

    choices = staticmethod(drawing_choices)

    def get_field(self, **kwargs: Any) -> forms.ChoiceField:
        return forms.ChoiceField(**{**kwargs, "widget": DrawingSelect()})

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return "wagtail.blocks.CharBlock", [], {"label": self.label}


class DrawingBlock(blocks.StructBlock):
    """图示: a drawing of the program; it follows light, dark and the language of the page."""

    name = DrawingChoiceBlock(label=_("Drawing"))
    caption = blocks.CharBlock(label=pgettext_lazy("picture", "Caption"), required=False)

    class Meta:
        template = "courses/blocks/drawing.html"
        icon = "draft"
        label = _("Drawing")


class VideoBlock(blocks.StructBlock):
    video = VideoChooserBlock(label=_("Video"))
    captions = DocumentChooserBlock(
        label=_("Captions"), required=False, help_text=_("A WebVTT file (.vtt) among the documents.")
    )
    transcript = blocks.TextBlock(label=_("Transcript"), required=False, help_text=_("For those who cannot play it."))

    class Meta:
        template = "courses/blocks/video.html"
        icon = "media"
        label = _("Video")


class AttachmentBlock(blocks.StructBlock):
    document = DocumentChooserBlock(label=_("File"))
    note = blocks.CharBlock(label=_("What it is for"), required=False)

    class Meta:
        template = "courses/blocks/attachment.html"
        icon = "doc-full"
        label = _("Attachment")


class LessonQuestionChooser(AdminSnippetChooser):
    """Offers what a lesson may ask."""

    def get_chooser_modal_url(self) -> str:
        return f"{super().get_chooser_modal_url()}?lesson=1"

    def get_display_title(self, instance: Any) -> str:
        # By the question's own words, as the window calls it.
        return str(by_name("quizzes.viewsets.question_columns.chosen_title_of")(instance))


class LessonQuestionBlock(SnippetChooserBlock):
    """A migration holds it as Wagtail's chooser: what is offered is no matter of the database."""

    @cached_property
    def widget(self) -> LessonQuestionChooser:
        return LessonQuestionChooser(self.target_model, icon="help")

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return "wagtail.snippets.blocks.SnippetChooserBlock", ["quizzes.Question"], {"label": self.label}


class CheckBlock(blocks.StructBlock):
    """小测: names a question; graded on the server and kept with the lesson's progress."""

    question = LessonQuestionBlock("quizzes.Question", label=_("Question"))

    def clean(self, value):
        cleaned = super().clean(value)
        if cleaned["question"] is None:
            # A draft is saved before anything was chosen; publishing asks for it.
            return cleaned
        refusal = cleaned["question"].lesson_refusal()
        if refusal:
            raise blocks.StructBlockValidationError(block_errors={"question": ValidationError(refusal)})
        return cleaned

    class Meta:
        template = "courses/blocks/check.html"
        icon = "help"
        label = _("Check question")


# What most lessons are made of, in this order: a new one begins with it.
USUAL = ("situation", "text", "say", "text", "remember", "practice", "check")


def says_something(value: Any) -> bool:
    """Whether anything was written into a block, or chosen for it."""
    if isinstance(value, RichText):
        return bool(strip_tags(value.source).strip()) or "<embed" in value.source
    if isinstance(value, Mapping):
        return any(says_something(part) for part in value.values())
    if isinstance(value, ListValue):
        return any(says_something(part) for part in value)
    return bool(value.strip() if isinstance(value, str) else value)


def said_parts(body: blocks.StreamValue) -> list[tuple[int, Any]]:
    """The blocks that say something, each with its place from 1 on. What stands empty reaches no reader, whichever way the
    lesson went out: a course that is published as a whole takes its drafts as they were saved."""
    return [(place, block) for place, block in enumerate(body, 1) if says_something(block.value)]


# What follows from a lesson; alone it teaches nothing.
AFTER_TEACHING = ("practice", "check")


def unwritten_parts(body: blocks.StreamValue) -> list[str]:
    """The labels of the parts that stand empty where nothing is taught: a lesson like that does not go out. None where
    something is."""
    teaching = [block for block in body if block.block_type not in AFTER_TEACHING]
    if any(says_something(block.value) for block in teaching):
        return []
    return list(dict.fromkeys(str(block.block.label) for block in teaching)) or [str(_("Text"))]


class LessonBody(blocks.StreamBlock):
    text = blocks.RichTextBlock(
        features=RICH_TEXT, label=_("Text"), icon="pilcrow", template="courses/blocks/text.html"
    )
    situation = blocks.RichTextBlock(
        features=LINE_TEXT, label=_("Situation"), icon="user", template="courses/blocks/situation.html"
    )
    say = SayBlock()
    remember = blocks.TextBlock(rows=2, label=_("To remember"), icon="pick", template="courses/blocks/remember.html")
    practice = blocks.RichTextBlock(
        features=LINE_TEXT, label=_("Try tomorrow"), icon="date", template="courses/blocks/practice.html"
    )
    picture = PictureBlock()
    drawing = DrawingBlock()
    video = VideoBlock()
    attachment = AttachmentBlock()
    check = CheckBlock()

    def clean(self, value: blocks.StreamValue) -> blocks.StreamValue:
        """What was left empty is left out where a lesson goes out, so that nobody has to clear away what was not needed."""
        if not self.is_deferred_validation:
            said = [(block.block_type, block.value, block.id) for block in value if says_something(block.value)]
            left_out = [block.block.label for block in value if not says_something(block.value)]
            value = blocks.StreamValue(self, said)
            cleaned = super().clean(value)
            cleaned.left_out = list(dict.fromkeys(map(str, left_out)))
            return cleaned
        return super().clean(value)

    class Meta:
        block_counts = {"check": {"max_num": 1}}
