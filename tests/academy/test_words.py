"""Every word of the interface has its Chinese: what the source asks gettext for stands in a catalogue."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize
from django.utils.translation.trans_real import translation

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("academy", "quizzes", "courses", "certificates")
SINGLE = {"_", "_t", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
IN_CONTEXT = {"pgettext", "pgettext_lazy"}
_TEXT = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
CALL = re.compile(rf"\b(?:n?p?gettext|_)\({_TEXT}(?:,\s*{_TEXT})*")


def asked_for(source: str) -> Iterator[str]:
    """The texts that calls of gettext name; one with a context is joined to it as the catalogue does."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if name in SINGLE | PLURAL and texts:
            yield texts[0]
        elif name in IN_CONTEXT and len(texts) > 1:
            yield f"{texts[0]}\x04{texts[1]}"


def calls_in_template(text: str) -> str:
    """The calls of gettext that ``makemessages`` would see, one a line."""
    return "\n".join(match[0] + ")" for match in CALL.finditer(templatize(text)))


def known() -> set[str]:
    catalogue = translation("zh-hans")._catalog
    texts: set[str] = set()
    for part in catalogue._catalogs:
        texts.update(key if isinstance(key, str) else key[0] for key, value in part.items() if value)
    return texts


def test_every_text_of_the_source_has_its_chinese():
    chinese = known()
    missing = set()

    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                missing |= {
                    (path.name, text) for text in asked_for(path.read_text(encoding="utf-8")) if text not in chinese
                }
        for path in sorted((ROOT / app).rglob("*.html")):
            calls = calls_in_template(path.read_text(encoding="utf-8"))
            missing |= {(path.name, text) for text in asked_for(calls) if text not in chinese}

    assert sorted(missing) == []
