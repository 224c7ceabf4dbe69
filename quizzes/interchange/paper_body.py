"""The body of a question of a paper: its type by what it has, its key by where it stands."""

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from quizzes.interchange.marks import BEGIN, without_marks
from quizzes.interchange.paper_lines import BLANK, EMPTY, GAP, JUDGED, LETTERED, letters_of, narrow, truth_of

if TYPE_CHECKING:
    from quizzes.interchange.paper import Draft

FILLED = re.compile(r"[(]\s*([^()]{1,40}?)\s*[)]|_+\s*([^_\s][^_]{0,39}?)\s*_+")


UNDERLINED = re.compile(f"{BEGIN['u']}([^{BEGIN['u']}]{{1,40}}?){chr(ord(BEGIN['u']) + 1)}")
FLAGGED = re.compile(r"\s*(?:[(]\s*(?:正确答案|√|✓|✔|[Cc]orrect)\s*[)]|(?<=\s)[√✓✔])\s*$")
KEY_IN_WORDS = re.compile(r"^\s*[(]?([A-H])\s*[).、:]?\s*(\S.*)$", re.IGNORECASE)


class Unsure(Exception):
    """What is not certain of a question, and what to write."""


def body_of_draft(draft: "Draft", listed: str, language: str, notes: list[Any]) -> dict[str, Any]:
    """A body in one language. Raises ``Unsure``; what was taken for granted is added to ``notes``."""
    stem = "\n".join(draft.stem).strip()
    said = "\n".join(draft.fields.get("key", [])).strip()
    why = "\n".join([*_behind_key(draft), *draft.fields.get("why", [])]).strip()
    kind = draft.kind or _kind_of(draft, stem, said or listed)
    if kind == "case":
        kind = _kind_of(draft, stem, said or listed)
    if kind == "truefalse" and _are_judgements(draft.options):
        said, listed, stem = _judgement(draft, said), _judgement(draft, listed), _judged_stem(draft, stem)
        draft.options = []
    if draft.options and kind in ("essay", "gaps", "truefalse"):
        kind = "choice"
    if not draft.options and kind in ("single", "multiple", "choice"):
        raise Unsure(_("No options were found. Write each behind its letter, as in “A. …”."))
    base = {"feedback": {language: why} if why else {}}
    shared = f"{draft.shared}\n" if draft.shared else ""
    if draft.options:
        return {**base, **_choice(draft, stem, said, listed, kind, (language, shared), notes)}
    if kind == "truefalse":
        return {**base, **_judged(stem, said, listed, (language, shared))}
    if kind == "gaps":
        return {**base, **_gaps(stem, said or listed, (language, shared), notes)}
    guide = said or listed
    term, _end, below = stem.partition("\n")
    if draft.is_term and below.strip() and not guide:
        stem, guide = term, below.strip()
        notes.append(_("The text below the term is taken as its explanation, for the marker."))
    return {
        **base,
        "type": "essay",
        "stem": {language: shared + stem},
        **({"guide": {language: guide}} if guide else {}),
    }


def has_answer(draft: "Draft") -> bool:
    """Whether an answer stands with the question, as far as one sees before all of it is read."""
    if any(draft.fields.get("key", [])) or any(FLAGGED.search(narrow(words[-1])) for words in draft.options):
        return True
    stem = narrow("\n".join(draft.stem))
    signs = [LETTERED] if draft.options else [JUDGED, *([FILLED, UNDERLINED] if draft.kind == "gaps" else [])]
    return any(sign.search(stem) for sign in signs)


def _are_judgements(options: list[list[str]]) -> bool:
    """Whether the options are right and wrong, as forms have them."""
    said = [truth_of(FLAGGED.sub("", narrow("".join(words)))) for words in options]
    return len(said) == 2 and set(said) == {True, False}


def _judgement(draft: "Draft", said: str) -> str:
    """The key of a question whose options are right and wrong, as its word."""
    letters = letters_of(_first_line(said))
    if len(letters) == 1 and ord(letters) - ord("A") < len(draft.options):
        return "".join(draft.options[ord(letters) - ord("A")])
    return said


def _judged_stem(draft: "Draft", stem: str) -> str:
    """Letters in the brackets, and options behind which it is written that they are right, as a judgement in brackets."""
    flagged = _take_flags(draft)
    found = [match for match in LETTERED.finditer(narrow(stem)) if _fits(match[1], len(draft.options))]
    if found:
        stem = f"{stem[: found[-1].start()]}（{_judgement(draft, found[-1][1])}）{stem[found[-1].end() :]}"
    return f"{stem}（{_judgement(draft, flagged)}）" if flagged else stem


def _behind_key(draft: "Draft") -> list[str]:
    """What is said below a key of letters or a sign explains it."""
    said = "\n".join(draft.fields.get("key", [])).strip().split("\n")
    is_sign = bool(draft.options or draft.kind == "truefalse" or truth_of(said[0]) is not None)
    return said[1:] if is_sign else []


def _kind_of(draft: "Draft", stem: str, said: str) -> str:
    """The type where no heading names one."""
    if draft.options:
        return "choice"
    if truth_of(said) is not None or JUDGED.search(narrow(stem)):
        return "truefalse"
    return "gaps" if "__" in stem and said else "essay"


def _one_key(stem: str, said: str, listed: str, found: list[re.Match[str]], read: Any) -> tuple[Any, str]:
    """The key and the stem without it. In the brackets, behind 答案 and in the list it must be the same."""
    last = found[-1] if found else None
    keys = [read(text) for text in (last[1] if last else "", said, listed) if text]
    keys = [key for key in keys if key not in ("", None)]
    if not keys:
        raise Unsure(
            _("The answer is missing. Write “答案：B” or “Answer: B” below the question, or put it into the brackets.")
        )
    if any(key != keys[0] for key in keys):
        shown = "、".join(str(key) for key in dict.fromkeys(keys))
        raise Unsure(_("Two answers are given: %(keys)s. Leave the one that is right.") % {"keys": shown})
    if last is not None and read(last[1]) not in ("", None):
        # An English stem keeps its own brackets.
        empty = "(  )" if (stem[: last.start()] + stem[last.end() :]).isascii() else "（  ）"
        stem = f"{stem[: last.start()]}{empty}{stem[last.end() :]}"
    return keys[0], stem


def _first_line(said: str) -> str:
    return said.split("\n", maxsplit=1)[0].strip()


def _choice(
    draft: "Draft", stem: str, said: str, listed: str, kind: str, place: tuple[str, str], notes: list[Any]
) -> dict[str, Any]:
    language, shared = place
    matches = [match for match in LETTERED.finditer(narrow(stem)) if _fits(match[1], len(draft.options))]
    if len(matches) > 1 and not said and not listed:
        shown = "、".join(match[1] for match in matches)
        raise Unsure(
            _("Several brackets hold letters: %(keys)s. Write “答案：B” or “Answer: B” below the question.")
            % {"keys": shown}
        )
    own = [] if len(matches) > 1 and (said or listed) else matches
    flagged = _take_flags(draft)
    if flagged and listed and letters_of(listed) != flagged:
        raise Unsure(
            _("Two answers are given: %(keys)s. Leave the one that is right.") % {"keys": f"{flagged}、{listed}"}
        )
    beyond = [match[1] for match in LETTERED.finditer(narrow(stem)) if match not in matches] if not matches else []
    said, listed = _first_line(said) or "".join(beyond[-1:]), _first_line(listed) or flagged
    key, stem = _one_key(stem, said, listed, own, lambda text: _letters_said(text, draft.options))
    places = [ord(letter) - ord("A") for letter in key]
    if max(places) >= len(draft.options):
        message = _("The answer names %(key)s, and there are %(count)s options.")
        raise Unsure(message % {"key": key, "count": len(draft.options)})
    if kind == "single" and len(places) > 1:
        raise Unsure(_("The heading says one right option, the answer names %(key)s.") % {"key": key})
    if kind == "multiple" and len(places) == 1:
        notes.append(_("The heading says several right options, the answer names %(key)s only.") % {"key": key})
    several = kind == "multiple" or len(places) > 1
    share = f"{(Decimal(1) / len(places)).quantize(Decimal('0.00001')).normalize():f}"
    rows = [
        {
            "id": f"o{number}",
            "text": {language: "\n".join(words).strip()},
            "fraction": share if number - 1 in places else "0",
            "feedback": {},
        }
        for number, words in enumerate(draft.options, 1)
    ]
    whole = {"scoring": "all_or_nothing"} if several else {}
    return {
        "type": "multiple" if several else "single",
        "stem": {language: shared + stem},
        "options": rows,
        "shuffle": not any(re.search(r"以上|上述|above", narrow(" ".join(words))) for words in draft.options),
        **whole,
    }


def _take_flags(draft: "Draft") -> str:
    """The letters of the options behind which it is written that they are right; the words are taken out."""
    letters = ""
    for number, words in enumerate(draft.options):
        found = FLAGGED.search(narrow(words[-1]))
        if found:
            letters += chr(ord("A") + number)
            words[-1] = words[-1][: found.start()]
    return letters


def _letters_said(said: str, options: list[list[str]]) -> str:
    """The letters of a key, also where it is the words of an option, with or without its letter."""
    letters = letters_of(said)
    if letters:
        return letters
    words = [_bare("\n".join(option)) for option in options]
    found = KEY_IN_WORDS.match(narrow(said))
    if found and ord(found[1].upper()) - ord("A") < len(words):
        place = ord(found[1].upper()) - ord("A")
        if _bare(said[found.start(2) :]) == words[place]:
            return found[1].upper()
    judged = truth_of(said)
    fitting = [
        chr(ord("A") + place)
        for place, word in enumerate(words)
        if word == _bare(said) or (judged is not None and len(words) == 2 and truth_of(word) == judged)
    ]
    return fitting[0] if len(fitting) == 1 else ""


def _bare(text: str) -> str:
    return without_marks("".join(narrow(text).split())).strip("。.;")


def _fits(letters: str, count: int) -> bool:
    return all(ord(letter) - ord("A") < count for letter in letters_of(letters))


def _judged(stem: str, said: str, listed: str, place: tuple[str, str]) -> dict[str, Any]:
    language, shared = place
    found = list(JUDGED.finditer(narrow(stem)))
    key, stem = _one_key(stem, _first_line(said), _first_line(listed), found, truth_of)
    empty = [*EMPTY.finditer(narrow(stem))]
    if empty:
        # Nobody fills the brackets by hand here.
        stem = (stem[: empty[-1].start()] + stem[empty[-1].end() :]).strip()
    return {"type": "truefalse", "stem": {language: shared + stem}, "key": key}


def _gaps(stem: str, said: str, place: tuple[str, str], notes: list[Any]) -> dict[str, Any]:
    """A word to type for each gap; its spellings stand behind each other with “/” between them."""
    language, shared = place
    if not said:
        # An answer that is underlined stands in its gap.
        stem = UNDERLINED.sub(r"__\1__", stem)
    gaps = list(GAP.finditer(narrow(stem)))
    if said:
        answers = _parted(said, len(gaps))
        if len(gaps) == 1 and len(answers) > 1:
            notes.append(_("One gap has several answers; each of them is accepted."))
            answers = ["/".join(answers)]
        if not gaps and len(answers) == 1:
            gaps, stem = [*GAP.finditer(f"{stem}{BLANK}")], f"{stem}{BLANK}"
    else:
        gaps = list(FILLED.finditer(narrow(stem)))
        answers = [stem[slice(*gap.span(1 if gap[1] else 2))].strip() for gap in gaps]
    if not answers:
        raise Unsure(
            _("The answer is missing. Write “答案：B” or “Answer: B” below the question, or put it into the brackets.")
        )
    if len(answers) != len(gaps):
        message = _("%(gaps)s gaps and %(answers)s answers were found. Write the answers with “；” between them.")
        raise Unsure(message % {"gaps": len(gaps), "answers": len(answers)})
    rows = [_spellings(answer, language) for answer in answers]
    notes += [
        _("“%(said)s” is taken as %(count)s spellings of one answer.") % {"said": answer, "count": len(row)}
        for answer, row in zip(answers, rows, strict=True)
        if len(row) > 1 and "或" in answer
    ]
    parts, position = [], 0
    for number, gap in enumerate(gaps, 1):
        parts += [stem[position : gap.start()], f"[[g{number}]]" if len(gaps) > 1 else BLANK]
        position = gap.end()
    text = shared + "".join([*parts, stem[position:]])
    if len(gaps) == 1:
        found = [{**row, "id": f"o{number}", "feedback": {}} for number, row in enumerate(rows[0], 1)]
        return {"type": "shorttext", "stem": {language: text}, "answers": found, "case_sensitive": False}
    gap_rows = [{"id": f"g{number}", "kind": "text", "answers": row} for number, row in enumerate(rows, 1)]
    return {"type": "cloze", "stem": {language: text}, "gaps": gap_rows}


def _parted(said: str, gaps: int) -> list[str]:
    """The answers of several gaps, by the first sign that gives as many; none of them parts a number."""
    for sign in (r"[;；\n]", r"(?<!\d)、|、(?!\d)", r"[，,](?!\d{3})", r"\s+"):
        answers = [piece.strip() for piece in re.split(sign, said) if piece.strip()]
        if gaps < 2 or len(answers) == gaps:
            break
    else:
        answers = [piece.strip() for piece in re.split(r"[;；\n]", said) if piece.strip()]
    return [re.sub(r"^[(（]?\d+[)）.、](?!\d)\s*", "", answer) for answer in answers]


def _spellings(said: str, language: str) -> list[dict[str, Any]]:
    spellings = [
        piece.strip() for piece in re.split(r"(?<!\d)[/／]|[/／](?!\d)|或者?(?=\S)", said) if piece.strip()
    ] or [said]
    return [
        {"id": "abcdefghij"[number], "text": {language: spelling.replace("*", "\\*")}, "fraction": "1"}
        for number, spelling in enumerate(spellings[:10])
    ]
