"""Small files for the tests of the import, written here."""

import csv
import io
import zipfile
from pathlib import Path

import xlsxwriter

BRANCHES = """机构代码,机构名称,上级机构代码,级别
HQ,总行,,总行
BJ,北京分行,HQ,分行
BJ-CY,朝阳支行,BJ,支行
BJ-CY-001,国贸网点,BJ-CY,网点
XJ,新疆分行,HQ,分行
XJ-UR-002,天山网点,XJ,网点
"""
HEADINGS = "工号,姓名,机构代码,岗位,邮箱,入职日期,上级工号,在职"
STAFF = (
    HEADINGS
    + """
000101,欧阳文澜,BJ-CY-001,柜员,ouyang@bank.example,2024-02-29,000110,是
000102,㐂𠮷,BJ-CY-001,客户经理,,2023/12/1,000110,是
000110,陈静,BJ-CY,主管,chenjing@bank.example,2010年8月16日,,是
"""
)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def text_file(folder: Path, text: str, name: str = "list.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def workbook(folder: Path, rows: list[list], name: str = "list.xlsx", formats: dict | None = None, **options) -> Path:
    """Rows of plain values; a value ``(number, format)`` is written as a formatted number."""
    path = folder / name
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet("名册")
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, tuple):
                    sheet.write_number(at, column, value[0], book.add_format({"num_format": value[1]}))
                elif isinstance(value, str) and value.startswith("="):
                    sheet.write_formula(at, column, value)
                elif value is not None:
                    sheet.write(at, column, value) if not isinstance(value, str) else sheet.write_string(
                        at, column, value
                    )
    return path


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
BOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
)


def raw_workbook(folder: Path, sheet: str, name: str = "raw.xlsx", **parts: str) -> Path:
    """A workbook of parts written by hand."""
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", parts.pop("book", BOOK))
        archive.writestr("xl/_rels/workbook.xml.rels", RELATIONS)
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        for part, text in parts.items():
            archive.writestr(f"xl/{part}.xml", text)
    return path


def inline_row(number: int, *cells: str) -> str:
    return f'<row r="{number}">' + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells) + "</row>"
