"""What has a language: pages hold words and point at the identity they describe."""

from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import (
    CommentPanel,
    FieldPanel,
    FieldRowPanel,
    ObjectList,
    PublishingPanel,
    TabbedInterface,
    TitleFieldPanel,
)
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from academy.doors import by_name
from courses.models.blocks import LessonBody
from courses.models.courses import Course, Lesson
from courses.models.settings_panel import CourseSettingsPanel

# What Wagtail keeps beside the words; without them there is no schedule and no discussion.
ABOUT = [FieldPanel("slug"), PublishingPanel(), CommentPanel()]


class CataloguePage(Page):
    """The catalogue of one language; the root of its site tree."""

    intro = models.TextField(_("introduction"), blank=True)

    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["courses.CoursePage"]
    max_count_per_parent = 2
    edit_handler = TabbedInterface(
        [
            ObjectList([TitleFieldPanel("title"), FieldPanel("intro")], heading=_("Words")),
            ObjectList(ABOUT, heading=_("Address")),
        ]
    )

    class Meta:
        verbose_name = _("catalogue")
        verbose_name_plural = _("catalogues")

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return by_name("courses.pages.screens.catalogue")(request, self)

    @classmethod
    def serve_by_key(cls, request: HttpRequest, pk: int) -> HttpResponse:
        return by_name("courses.pages.screens.catalogue")(request, cls.objects.select_related("locale").get(pk=pk))


class CoursePage(Page):
    """A course in the words of one language."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="pages", editable=False, blank=True)
    summary = models.TextField(
        _("summary"), max_length=300, help_text=_("One or two sentences for the catalogue's card.")
    )
    outcomes = models.TextField(
        _("what one can do afterwards"), blank=True, help_text=_("One outcome a line, three to five of them.")
    )
    cover = models.ForeignKey(
        "wagtailimages.Image",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("cover"),
    )

    parent_page_types = ["courses.CataloguePage"]
    subpage_types = ["courses.LessonPage"]
    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    TitleFieldPanel("title"),
                    FieldPanel("summary"),
                    FieldPanel("outcomes"),
                    FieldPanel("cover"),
                    CourseSettingsPanel(heading=_("What holds in every language")),
                ],
                heading=_("Words"),
            ),
            ObjectList(ABOUT, heading=_("Address")),
        ]
    )
    search_fields = [*Page.search_fields, index.SearchField("summary"), index.FilterField("course_id")]

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")

    def save(self, *args: Any, **kwargs: Any) -> None:
        by_name("courses.pages.identities.identify_course")(self)
        super().save(*args, **kwargs)

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return by_name("courses.pages.screens.course_by_key")(request, self.pk)

    @classmethod
    def serve_by_key(cls, request: HttpRequest, pk: int) -> HttpResponse:
        return by_name("courses.pages.screens.course_by_key")(request, pk)

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        return by_name("courses.pages.screens.course_preview")(request, self)


class LessonPage(Page):
    """A lesson in the words of one language."""

    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="pages", editable=False, blank=True)
    summary = models.CharField(_("in one sentence"), max_length=255, blank=True)
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=4, validators=[MinValueValidator(1)], help_text=_("How long reading it takes.")
    )
    body = StreamField(LessonBody(), verbose_name=_("lesson"), blank=True)

    parent_page_types = ["courses.CoursePage"]
    subpage_types: list[str] = []
    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    TitleFieldPanel("title"),
                    FieldRowPanel([FieldPanel("summary"), FieldPanel("minutes")]),
                    FieldPanel("body"),
                ],
                heading=_("Words"),
            ),
            ObjectList(ABOUT, heading=_("Address")),
        ]
    )
    search_fields = [*Page.search_fields, index.SearchField("summary"), index.SearchField("body")]

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")

    def save(self, *args: Any, **kwargs: Any) -> None:
        # treebeard sets the path before it saves, so the parent is known for new pages as well.
        by_name("courses.pages.identities.identify_lesson")(
            self, CoursePage.objects.get(path=self.path[: -self.steplen]).course_id
        )
        super().save(*args, **kwargs)

    @property
    def check_question_id(self) -> int | None:
        """The lesson's one question, where it has one."""
        for block in self.body:
            if block.block_type == "check" and block.value.get("question"):
                return block.value["question"].pk
        return None

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return by_name("courses.pages.lessons.lesson_by_key")(request, self.pk)

    @classmethod
    def serve_by_key(cls, request: HttpRequest, pk: int) -> HttpResponse:
        return by_name("courses.pages.lessons.lesson_by_key")(request, pk)

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        return by_name("courses.pages.lessons.lesson_preview")(request, self)
