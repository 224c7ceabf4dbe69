"""Figures as ratios in one run: ``./run bench``. Machines are noisy; only the ratios are worth comparing."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from certificates.document import render_certificate, screen_html
from certificates.document.glyphs import FILES, FOLDER
from tests.certificates.test_document import CONTENT

NOTO = '[lang=en],body,.name,.middle p{font-family:"Noto Serif CJK SC"}'
NOTO_IS_HERE = "Noto Serif CJK SC" in subprocess.run(["fc-list"], capture_output=True, text=True, check=False).stdout
NAMES = ["谢长宁", "罗素衣", "叶知秋", "方晓棠", "邓子墨", "孟庭轩", "秦若兰", "许怀瑾"]


def seconds_of_cpu(function, arguments) -> float:
    """CPU seconds a call, after one call to warm up."""
    function(arguments[0])
    start = time.process_time()
    for argument in arguments:
        function(argument)
    return (time.process_time() - start) / len(arguments)


def naive_render(content) -> bytes:
    """The same page with its drawing inline, whole Noto fonts, a default font configuration and the default fetcher."""
    from weasyprint import HTML

    html = screen_html(content)
    whole = (
        NOTO
        if NOTO_IS_HERE
        else "".join(
            f"@font-face{{font-family:{family};font-weight:{weight};src:url({(FOLDER / FILES[key]).as_uri()})}}"
            for family, key in (("Serif", "serif"), ("Name", "serif"), ("Latin", "latin"))
            for weight in ("regular", "bold")
            for key in [(key, weight)]
        ).replace("font-weight:regular", "font-weight:normal")
    )
    return HTML(string=html.replace("</style>", f"{whole}</style>", 1)).write_pdf()


def main() -> None:
    contents = [replace(CONTENT, holder_name=name, serial=f"CM1-2026-BENCH-{n:06}") for n, name in enumerate(NAMES)]
    ours = seconds_of_cpu(render_certificate, contents)
    naive = seconds_of_cpu(naive_render, contents[:3])
    size = max(len(render_certificate(content)) for content in contents)
    print(
        f"certificate, CPU on one core: {ours * 1000:.0f} ms; naive page {naive * 1000:.0f} ms; ratio {naive / ours:.1f}"
    )
    print(f"largest certificate: {size / 1024:.0f} KB (at most 120)")


if __name__ == "__main__":
    main()
