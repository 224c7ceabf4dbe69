"""HR in a real browser: from a filter of the register to a ZIP whose PDFs carry the right names."""

import io
import shutil
import subprocess
import zipfile
from datetime import timedelta

import openpyxl
import pytest
from django.utils import timezone

from academy.models import CareerLevel, Role
from certificates.award.awarding import import_history
from certificates.models import CertificationTrack
from tests.browser.conftest import wait_until
from tests.cast import bank, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_from_a_filter_to_a_zip_with_the_right_names(walk, language, tmp_path):
    branches = bank()
    for rank, code in ((2, "cm2"), (3, "cm3")):
        level = CareerLevel.objects.create(code=code.upper(), rank=rank, name=f"等级{rank}", name_en=f"Level {rank}")
        CertificationTrack.objects.create(code=code, level=level, name=f"认证{rank}", name_en=f"Certification {rank}")
    hr = person("300001", "苏映雪", branches["HO"], roles=[Role.HR], language=language)
    # Two of one name in Beijing, one of another level there, one in Shanghai.
    held = [
        ("110001", "张伟", "BJ01", "cm2"),
        ("110002", "张伟", "BJ01", "cm2"),
        ("110003", "艾山·买买提", "BJ01", "cm3"),
        ("110004", "林一舟", "SH01", "cm2"),
    ]
    today = timezone.localdate()
    for number, name, branch, track in held:
        import_history(
            person=person(number, name, branches[branch]),
            track=CertificationTrack.objects.get(code=track),
            awarded_on=today - timedelta(days=30),
            valid_through=today + timedelta(days=300),
            now=timezone.now(),
            actor=hr,
        )
    walked = walk(width=1280, height=1000)
    page = walked.page

    walked.sign_in("300001", then="/cms/")
    walked.check("home")
    page.click("nav a[href='/cms/register/']")
    page.click("#filters-drilldown [aria-haspopup], #filters-drilldown .w-slim-header-action-button")
    for field, value in (("track", "cm2"), ("branch", "BJ")):
        page.click(f"[aria-controls='drilldown-id_{field}']")
        page.select_option(f"[name={field}]", value)
        page.wait_for_url(f"**{field}={value}**")
        page.click(f"#drilldown-id_{field} .w-drilldown__back")
    page.keyboard.press("Escape")
    page.wait_for_selector(".w-active-filters, [data-w-active-filter-id]")
    walked.check("register", "main")
    wait_until(page, "document.querySelectorAll('table.listing tbody tr').length === 2")
    page.click("form[action*='/register/export/'] button")
    page.wait_for_selector("main a[href^='/exports/']")
    walked.check("export", "main")
    with page.expect_download() as download:
        page.click("main a[href^='/exports/']")
    packed = zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes()))

    documents = {name: packed.read(name) for name in packed.namelist() if name.endswith(".pdf")}
    assert sorted(name.rsplit("_", 1)[0] for name in documents) == ["110001_张伟", "110002_张伟"]
    for name, content in documents.items():
        assert _said(content, tmp_path, "张伟", name.split("_")[0])
    lines = [
        row
        for row in openpyxl.load_workbook(io.BytesIO(packed.read("register.xlsx"))).worksheets[0].values
        if row[1] in ("110001", "110002")
    ]
    assert [row[2] for row in lines] == ["张伟", "张伟"]
    assert walked.found == []


def _said(pdf: bytes, folder, *texts: str) -> bool:
    """Whether the document says these words to a reader; without Poppler its being a PDF is all that is asked."""
    if shutil.which("pdftotext") is None:
        return pdf.startswith(b"%PDF-")
    file = folder / "document.pdf"
    file.write_bytes(pdf)
    found = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, check=True).stdout.decode()
    return all(text in found for text in texts)
