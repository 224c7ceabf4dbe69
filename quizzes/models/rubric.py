"""评分表: what a marker looks for. For essays, and for observed practice."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.blocks import (
    BooleanBlock,
    CharBlock,
    DecimalBlock,
    ListBlock,
    StreamBlock,
    StructBlock,
    TextBlock,
)
from wagtail.fields import StreamField
from wagtail.models import RevisionMixin

from quizzes.models.kept_relations import revisions_of

Text = dict[str, str]


class LevelBlock(StructBlock):
    """One step of a criterion."""

    points = DecimalBlock(label=_("points"), min_value=0, max_value=100, decimal_places=2)
    text = CharBlock(label=_("in words (Chinese)"), max_length=300, required=False)
    text_en = CharBlock(label=_("in words (English)"), max_length=300, required=False)

    class Meta:
        icon = "list-ol"
        label = _("Level of a criterion")


class CriterionBlock(StructBlock):
    """评分项: the marker chooses one level."""

    name = CharBlock(label=_("criterion (Chinese)"), max_length=120, required=False)
    name_en = CharBlock(label=_("criterion (English)"), max_length=120, required=False)
    help = TextBlock(label=_("what to look for (Chinese)"), max_length=600, required=False)
    help_en = TextBlock(label=_("what to look for (English)"), max_length=600, required=False)
    levels = ListBlock(LevelBlock(), label=_("levels"), min_num=2, max_num=7)

    class Meta:
        icon = "tasks"
        label = _("Criterion")


class VetoBlock(StructBlock):
    """一票否决项: where it is found, the whole answer earns nothing."""

    name = CharBlock(label=_("veto (Chinese)"), max_length=200, required=False)
    name_en = CharBlock(label=_("veto (English)"), max_length=200, required=False)
    only_observed = BooleanBlock(label=_("only in observed practice"), required=False)

    class Meta:
        icon = "warning"
        label = _("Veto")


class CriteriaBlock(StreamBlock):
    """Criteria and vetoes in the order a marker meets them."""

    criterion = CriterionBlock()
    veto = VetoBlock()

    class Meta:
        max_num = 20


class Rubric(RevisionMixin, models.Model):
    """Criteria with levels and points, and vetoes. What a marker chose is kept with the words it had then."""

    name = models.CharField(_("name (Chinese)"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=120, blank=True)
    criteria = StreamField(CriteriaBlock(), verbose_name=_("criteria"))

    _revisions = revisions_of("rubric")

    class Meta:
        verbose_name = _("rubric")
        verbose_name_plural = _("rubrics")
        ordering = ["name"]

    def __str__(self) -> str:
        return (self.name_en or self.name) if get_language() == "en" else self.name

    @property
    def revisions(self):
        return self._revisions

    def clean(self) -> None:
        """A rubric gives points, and each of its lines says something in one language."""
        data = self.as_data(observed=True)
        if not any(Decimal(level["points"]) > 0 for criterion in data["criteria"] for level in criterion["levels"]):
            raise ValidationError({"criteria": _("At least one criterion with a level above zero is needed.")})
        nameless = [row for row in [*data["criteria"], *data["vetoes"]] if not row["name"]]
        wordless = [
            criterion for criterion in data["criteria"] if not all(level["text"] for level in criterion["levels"])
        ]
        if nameless or wordless:
            raise ValidationError(
                {"criteria": _("Each criterion, level and veto needs words in Chinese or in English.")}
            )

    def as_data(self, *, observed: bool = False) -> dict[str, Any]:
        """Plain data for marking and for keeping: ids that stay, bilingual words, points as decimal texts."""
        criteria, vetoes = [], []
        for block in self.criteria:
            value = block.value
            if block.block_type == "criterion":
                levels = [
                    {"points": str(Decimal(level["points"]).normalize()), "text": _words(level, "text")}
                    for level in value["levels"]
                ]
                criteria.append(
                    {"id": block.id, "name": _words(value, "name"), "help": _words(value, "help"), "levels": levels}
                )
            elif observed or not value["only_observed"]:
                vetoes.append({"id": block.id, "name": _words(value, "name")})
        return {"rubric": self.pk, "criteria": criteria, "vetoes": vetoes}


def _words(value: Any, key: str) -> Text:
    return {code: value[name] for code, name in (("zh-hans", key), ("en", f"{key}_en")) if value.get(name)}
