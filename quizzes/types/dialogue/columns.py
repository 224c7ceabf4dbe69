"""The columns of a dialogue's tables by their headings, and a table that was read, which knows where its parts stand."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from quizzes.types.dialogue.play import ANY_END, LOST, SCRAPED, WON

# What the program calls by a code stands in a table in words: English first, then Chinese.
CODE_WORDS = {ANY_END: (ANY_END, "结束"), WON: ("won", "赢得"), SCRAPED: ("scraped", "勉强"), LOST: ("lost", "失去")}
# English first, then Chinese, then what else is understood.
HEADINGS = {
    "turn": ("turn", "回合", "轮次"),
    "title": ("title", "标题"),
    "says": ("client says", "客户说", "says"),
    "says_if": ("says if known", "知情后说"),
    "id": ("no.", "编号", "no", "id"),
    "text": ("choice", "选项", "学员说"),
    "mood": ("mood", "情绪"),
    "points": ("points", "分值", "得分"),
    "feedback": ("feedback", "反馈"),
    "goes_to": ("goes to", "去向"),
    "reveals": ("reveals", "透露"),
    "needs": ("needs", "需要"),
    "breach": ("breach", "违规"),
}
PLAIN = ("turn", "says", "text", "mood", "points", "feedback", "goes_to")
WRITTEN = (
    "turn",
    "title",
    "says",
    "says_if",
    "id",
    "text",
    "mood",
    "points",
    "feedback",
    "goes_to",
    "reveals",
    "needs",
    "breach",
)
END_HEADINGS = {
    "id": ("end", "结局"),
    "kind": ("kind", "类型"),
    "points": ("points", "分值", "得分"),
    "mood": ("mood", "情绪"),
    "no_breach": ("no breach", "无违规"),
    "facts": ("facts", "事实"),
    "zh-hans": ("chinese", "中文"),
    "en": ("english", "英文"),
    # Last, so that sheets without headings are read as before.
    "breaches_at_most": ("breaches at most", "违规至多"),
}
FACT_HEADINGS = {"id": ("fact", "事实"), "zh-hans": ("chinese", "中文"), "en": ("english", "英文")}


# Whether the table is named, and the column.
AT_PLACES = {
    (False, False): _("Row %(row)s: %(message)s"),
    (False, True): _("Row %(row)s, column “%(column)s”: %(message)s"),
    (True, False): _("Table “%(table)s”, row %(row)s: %(message)s"),
    (True, True): _("Table “%(table)s”, row %(row)s, column “%(column)s”: %(message)s"),
}


def in_words(name: str) -> str:
    """A name of a body as its tables say it to the reader."""
    return CODE_WORDS[name][get_language() != "en"] if name in CODE_WORDS else name


@dataclass
class Table:
    """Rows by turn, and what is wrong, each with the row of the sheet it stands in."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    problems: list[Any] = field(default_factory=list)
    # The row of the sheet of each place of a body, such as ``turns.t1.choices.a``.
    lines: dict[str, int] = field(default_factory=dict)
    # Where several tables stand on one page: which one it is.
    called: Any = ""

    def words_at(self, place: str, message: Any, *, chinese: bool) -> Any:
        """A problem of the body with the row and the column of the sheet in which it is mended."""
        known = max((at for at in self.lines if f"{place}.".startswith(f"{at}.")), key=len, default="")
        if not known:
            return message
        column = _column_of(
            place.partition(".")[0], place.removeprefix(known).strip("."), ".choices." in known, chinese
        )
        said = {"row": self.lines[known], "column": column, "message": message}
        return self._said(said)

    def fault(self, row: int, message: Any) -> None:
        self.problems.append(self._said({"row": row, "column": "", "message": message}))

    def _said(self, what: dict[str, Any]) -> Any:
        words = AT_PLACES[bool(self.called), bool(what["column"])]
        return words % {**what, "table": self.called}


def _column_of(table: str, part: str, of_choice: bool, chinese: bool) -> str:
    """The heading under which a part of a turn, a choice, a fact or an end stands; '' where it is the whole row."""
    if table in ("facts", "ends"):
        headings, name = (FACT_HEADINGS if table == "facts" else END_HEADINGS), part.removeprefix("needs.")
        if not part:
            return " / ".join(headings[language][chinese] for language in ("zh-hans", "en"))
    else:
        headings, name = HEADINGS, part or ("text" if of_choice else "")
    return headings[name][chinese] if name in headings else ""
