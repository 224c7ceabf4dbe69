"""One certificate on one core, against the same page as it would be written without thinking of its cost."""

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from certificates.document import render_certificate, screen_html
from certificates.document.glyphs import FILES, FOLDER
from tests.certificates.document.test_document import CONTENT

NAMES = ["谢长宁", "罗素衣", "叶知秋", "方晓棠", "邓子墨", "孟庭轩", "秦若兰", "许怀瑾"]
# Debian's fonts-noto-cjk, or where it is not installed the kept fonts, which are smaller: then the ratio is too low.
NOTO = '[lang=en],body,.name,.middle p{font-family:"Noto Serif CJK SC"}'


def main(folder: Path) -> None:
    contents = [replace(CONTENT, holder_name=name, serial=f"CM1-2026-BENCH-{n:06}") for n, name in enumerate(NAMES)]
    ours = seconds_of_cpu(render_certificate, contents * 2)
    style, fonts = _whole_fonts()
    naive = seconds_of_cpu(lambda content: naive_render(content, style), contents[:4])
    largest = max(len(render_certificate(content)) for content in contents)
    print(
        f"certificate, CPU on one core: {ours * 1000:.0f} ms; naive page with {fonts} {naive * 1000:.0f} ms; "
        f"ratio {naive / ours:.1f} (at least 4); largest {largest / 1024:.0f} KB (at most 120)"
    )


def seconds_of_cpu(function: Callable[[Any], Any], arguments: Sequence[Any]) -> float:
    """CPU seconds a call, after one call to warm up."""
    function(arguments[0])
    start = time.process_time()
    for argument in arguments:
        function(argument)
    return (time.process_time() - start) / len(arguments)


def naive_render(content: Any, style: str) -> bytes:
    """The same page with its drawing inline, whole fonts, a default font configuration and the default fetcher."""
    from weasyprint import HTML

    return HTML(string=screen_html(content).replace("</style>", f"{style}</style>", 1)).write_pdf()


def _whole_fonts() -> tuple[str, str]:
    try:
        listed = subprocess.run(["fc-list"], capture_output=True, text=True, check=False).stdout
    except OSError:
        listed = ""
    if "Noto Serif CJK SC" in listed:
        return NOTO, "Noto Serif CJK SC"
    faces = "".join(
        f"@font-face{{font-family:{family};font-weight:{'normal' if weight == 'regular' else weight};"
        f"src:url({(FOLDER / FILES[(key, weight)]).as_uri()})}}"
        for family, key in (("Serif", "serif"), ("Name", "serif"), ("Latin", "latin"))
        for weight in ("regular", "bold")
    )
    return faces, "the kept fonts"
