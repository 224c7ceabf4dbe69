"""Files are told by their content, read in constant memory, and refused in words when they are hostile."""

import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.importing.columns import recognise
from academy.importing.faults import CellFault, FileRefused
from academy.importing.kinds import FILE_KINDS
from academy.importing.reading import Source
from academy.importing.values import day, email, identifier, last_day, name, words, yes_or_no
from academy.importing.workbook import Formula, Workbook
from tests.academy.importing.files import BOOK, SHEET, STAFF, inline_row, raw_workbook, text_file, workbook


def cells(path, **options):
    with Source(path, **options) as source:
        return [(row.number, row.cells) for row in source.rows(source.sheets[0])]


def refusal(path, **options) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        cells(path, **options)
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_marks_and_utf8_are_found(tmp_path, encoding):
    found = cells(text_file(tmp_path, STAFF, encoding=encoding))

    assert found[0][1][0] == "工号"
    assert found[2] == (3, ["000102", "㐂𠮷", "BJ-CY-001", "客户经理", "", "2023/12/1", "000110", "是"])


def test_another_encoding_is_named_and_chosen(tmp_path):
    path = text_file(tmp_path, STAFF, encoding="gb18030")

    problem = refusal(path)

    assert "gb18030" in problem.encodings and "gb18030" in str(problem.message)
    assert cells(path, encoding="gb18030")[2][1][1] == "㐂𠮷"
    assert cells(path, encoding="GB18030")[0][1][0] == "工号"
    assert "big5" in str(refusal(path, encoding="big5").message)
    for impossible in ("no-such", "base64", "zip", "rot13"):
        assert impossible in str(refusal(path, encoding=impossible).message)


def test_utf16_without_a_mark_is_no_utf8(tmp_path):
    assert "utf-16-le" in refusal(text_file(tmp_path, "a,b\n1,2\n", encoding="utf-16-le")).encodings


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "，"])
def test_the_delimiter_is_found(tmp_path, delimiter):
    found = cells(text_file(tmp_path, f'工号{delimiter}姓名\n1{delimiter}"a,b;c"\n'))

    assert found == [(1, ["工号", "姓名"]), (2, ["1", "a,b;c"])]


def test_the_line_that_tells_excel_the_delimiter_is_no_row(tmp_path):
    assert cells(text_file(tmp_path, "sep=;\r\n工号;姓名\r\n1;2\r\n")) == [(1, ["工号", "姓名"]), (2, ["1", "2"])]


def test_rows_are_counted_as_a_spreadsheet_counts(tmp_path):
    found = cells(text_file(tmp_path, 'a,b\r\n"1\n\n2",x\r\n\r\n,\r\n3,y\r\n'))

    assert found == [(1, ["a", "b"]), (2, ["1\n\n2", "x"]), (5, ["3", "y"])]


def test_an_unclosed_quotation_is_an_error_of_its_row(tmp_path):
    with Source(text_file(tmp_path, 'a,b\n1,x\n2,"y\n3,z\n4,z\n')) as source:
        found = list(source.rows())

    assert [(row.number, bool(row.fault)) for row in found] == [(1, False), (2, False), (3, True)]


@pytest.mark.parametrize(
    "start", [b"", b"\xd0\xcf\x11\xe0rest", b"<html><table>", b"%PDF-1.7", b"\xff\xfe\x00\xd8", b"PK\x03\x04broken"]
)
def test_what_is_no_list_is_refused(tmp_path, start):
    path = tmp_path / "staff.xlsx"
    path.write_bytes(start)

    assert refusal(path).message


def test_cells_of_a_workbook_keep_zeros_dates_and_formulas(tmp_path):
    path = workbook(
        tmp_path,
        [
            ["工号", "姓名", "入职日期"],
            ["000101", "张三", (45292, "yyyy-mm-dd")],
            [(102, "000000"), " 李四 ", (45292.5, 'yyyy"年"m"月"d"日"')],
            [103, "=1+1", 45292],
            [None, None, None],
            [104.0, "王五\n(返聘)", (45292, "General")],
        ],
    )

    found = cells(path)

    assert found[1] == (2, ["000101", "张三", date(2024, 1, 1)])
    assert found[2] == (3, ["000102", " 李四 ", datetime(2024, 1, 1, 12)])
    assert found[3][1][0] == 103 and isinstance(found[3][1][1], Formula) and found[3][1][2] == 45292
    assert found[4][0] == 6 and found[4][1][0] == 104


def test_the_chinese_built_in_date_formats_are_dates(tmp_path):
    styles = '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="31"/><xf numFmtId="57"/></cellXfs></styleSheet>'
    sheet = SHEET.format('<row r="1"><c s="1"><v>45292</v></c><c s="2"><v>45293</v></c><c s="0"><v>45292</v></c></row>')

    assert cells(raw_workbook(tmp_path, sheet, styles=styles)) == [(1, [date(2024, 1, 1), date(2024, 1, 2), 45292])]


def test_days_of_1904_workbooks_are_right(tmp_path):
    book = BOOK.replace("<sheets>", '<workbookPr date1904="1"/><sheets>')
    styles = '<styleSheet><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>'
    path = raw_workbook(tmp_path, SHEET.format('<row r="1"><c s="0"><v>43830</v></c></row>'), book=book, styles=styles)

    assert cells(path) == [(1, [date(2024, 1, 1)])]


def test_readings_above_characters_are_not_part_of_a_name(tmp_path):
    strings = "<sst><si><r><t>欧阳</t></r><r><t>文澜</t></r><rPh><t>ouyang</t></rPh></si></sst>"

    found = cells(raw_workbook(tmp_path, SHEET.format('<row r="1"><c t="s"><v>0</v></c></row>'), sharedStrings=strings))

    assert found == [(1, ["欧阳文澜"])]


def test_a_sheet_formatted_to_its_last_column_costs_nothing(tmp_path):
    sheet = SHEET.format(
        '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="0"/></row><row r="1048576"><c r="B1048576"><v>2</v></c></row>'
    )

    assert cells(raw_workbook(tmp_path, sheet)) == [(1, [1]), (1048576, [None, 2])]


HOSTILE_SHEETS = {
    "16384 columns": inline_row(1, *["x"] * 16_384),
    "column out of range": '<row r="1"><c r="ZZZZ1"><v>1</v></c></row>',
    "row out of range": '<row r="99999999"><c><v>1</v></c></row>',
    "rows backwards": inline_row(5, "a") + inline_row(2, "b"),
    "string that is not there": '<row r="1"><c t="s"><v>7</v></c></row>',
    "no number": '<row r="1"><c><v>abc</v></c></row>',
}


@pytest.mark.parametrize("case", HOSTILE_SHEETS)
def test_hostile_sheets_are_refused(tmp_path, case):
    assert refusal(raw_workbook(tmp_path, SHEET.format(HOSTILE_SHEETS[case]))).message


def test_entities_and_document_types_are_refused(tmp_path):
    bomb = '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + SHEET.format(inline_row(1, "&b;"))
    outside = '<!DOCTYPE w SYSTEM "file:///etc/passwd">' + SHEET.format(inline_row(1, "x"))

    for sheet in (bomb, outside):
        refusal(raw_workbook(tmp_path, sheet))
    refusal(raw_workbook(tmp_path, SHEET.format(""), book='<!DOCTYPE x [<!ENTITY a "b">]>' + BOOK))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = raw_workbook(tmp_path, "<worksheet>" + " " * 40_000_000 + "</worksheet>")

    assert path.stat().st_size < 100_000
    assert refusal(path).message


def test_a_damaged_archive_and_another_archive_are_refused(tmp_path):
    good = raw_workbook(tmp_path, SHEET.format(inline_row(1, "工号")))
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(good.read_bytes()[:-40])
    other = tmp_path / "other.xlsx"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")

    assert refusal(broken).message and "OpenDocument" in str(refusal(other).message)


def test_a_file_of_200_megabytes_is_refused_unread(tmp_path):
    path = tmp_path / "big.xlsx"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)

    assert "100 MB" in str(refusal(path).message)


def test_hidden_sheets_are_not_read(tmp_path):
    book = BOOK.replace('name="S"', 'name="S" state="hidden"')

    with pytest.raises(FileRefused):
        Workbook(raw_workbook(tmp_path, SHEET.format(""), book=book))


@pytest.mark.parametrize(
    "headings",
    [
        "员工编号*,员工姓名,所属机构号,岗位名称,电子邮箱,入行时间,直属上级工号,在职状态",
        "Staff Number,Name,Branch Code,Position,E-mail,Hire date,Manager,Active",
        "staff_number,name,branch_code,position,email,hire_date,manager,active",
        "工号/Staff No.,姓名/Name,机构代码/Branch,岗位/Position,邮箱/Email,入职日期/Hired on,上级工号/Manager,在职/Active",
        "工号（必填）,姓名（必填）,机构代码(必填),岗位,邮箱,入职日期(yyyy-mm-dd),上级工号,是否在职",
        "EMPLOYEE ID;Full Name;Branch;Job Title;Mail;Joining Date;Supervisor;Status",
    ],
)
def test_headings_of_other_banks_are_recognised(tmp_path, headings):
    with Source(text_file(tmp_path, headings + "\n")) as source:
        layout = recognise(source, FILE_KINDS["staff"].columns)

    assert layout.keys == ["number", "name", "branch", "position", "email", "hired", "manager", "active"]


def test_the_header_may_stand_below_a_title_and_unknown_columns_are_told(tmp_path):
    path = workbook(
        tmp_path, [["某某银行员工花名册"], [], ["序号", "工号", "姓名", "血型"], ["=ROW()-3", "000101", "张三", "A"]]
    )
    with Source(path) as source:
        layout = recognise(source, FILE_KINDS["staff"].columns)

    assert (layout.header, layout.keys, layout.ignored) == (3, ["", "number", "name", ""], ["序号", "血型"])


GOOD_DAYS = [
    "2023-12-01",
    "2023/12/1",
    "2023.12.1",
    "2023年12月1日",
    "2023 年 12 月 1 日",
    "20231201",
    "２０２３－１２－０１",
    "45261",
    45261,
    45261.75,
    "45261.0",
    date(2023, 12, 1),
    datetime(2023, 12, 1, 9),
    "2023-12-01 00:00:00",
    "2023/12/1 0:00",
    " 2023-12-01 ",
    "'2023-12-01",
    20231201,
]
BAD_DAYS = [
    "2021-13-01",
    "2023-02-29",
    "2023年2月30日",
    "12/1/2023",
    "yesterday",
    "2023",
    "202312",
    "0",
    "-5",
    "99999999",
    True,
    "1900-01-01",
    "2023-12",
    7_000_000,
    "=TODAY()",
    Formula("=TODAY()"),
]


@pytest.mark.parametrize("cell", GOOD_DAYS)
def test_days_as_banks_write_them(cell):
    assert day(cell) == date(2023, 12, 1)


@pytest.mark.parametrize("cell", BAD_DAYS)
def test_what_is_no_day(cell):
    with pytest.raises(CellFault):
        day(cell)


def test_empty_days_and_days_that_go_on():
    assert day("") is None and day(None) is None and day("  ") is None
    assert {
        last_day(cell) for cell in ("至今", "长期", "9999-12-31", "9999/12/31", 99991231, date(9999, 12, 31), "")
    } == {None}
    assert last_day("2026-06-30") == date(2026, 6, 30)


@given(st.dates(date(1930, 1, 1), date(2199, 12, 31)))
def test_every_day_is_read_in_every_way_of_writing(given_day):
    serial = (given_day - date(1899, 12, 30)).days
    for cell in (
        given_day.isoformat(),
        f"{given_day:%Y/%m/%d}",
        f"{given_day.year}年{given_day.month}月{given_day.day}日",
        f"{given_day:%Y%m%d}",
        serial,
        str(serial),
        f"{given_day} 00:00:00",
    ):
        # Six figures in the 19xxxx and 20xxxx range may be year and month; they are refused rather than guessed.
        assert day(cell) == given_day


@given(st.text(max_size=60) | st.integers() | st.floats() | st.booleans() | st.none() | st.datetimes())
def test_no_cell_breaks_a_reader(cell):
    for convert in (day, last_day, identifier, name, email, yes_or_no, words(80)):
        try:
            convert(cell)
        except CellFault as fault:
            assert str(fault.message)


@given(st.from_regex(r"[0-9A-Za-z][0-9A-Za-z-]{0,31}", fullmatch=True))
def test_staff_numbers_survive_as_they_are(number):
    assert (
        identifier(number)
        == number
        == identifier(f" {number} ")
        == identifier(f'="{number}"')
        == identifier(f"'{number}")
    )


@given(st.integers(0, 10**15 - 1))
def test_numbers_in_cells_become_their_digits(number):
    assert identifier(number) == str(number) == identifier(float(number))


@pytest.mark.parametrize(
    "cell", [1e15, "12 34", "张三", "a" * 33, "=1+1", Formula("=A1"), True, "-5", "@x", "a\u202eb", "1_2"]
)
def test_what_is_no_staff_number(cell):
    with pytest.raises(CellFault):
        identifier(cell)


def test_names_lose_padding_and_nothing_else():
    assert name(" 张 三 ") == "张三" == name("张　三")
    assert name("李雷\n(返聘)") == "李雷 (返聘)"
    assert name("Aygül  Tursun") == "Aygül Tursun"
    assert name("阿卜杜拉·买买提") == "阿卜杜拉·买买提" and name("㐂𠮷") == "㐂𠮷"
    for hostile in (
        "=HYPERLINK(1)",
        "+1",
        "@SUM(1)",
        "\t=1",
        "'=1+1",
        "％1".replace("％", "%"),
        "a\x07b",
        "a\u202eb",
        "x" * 121,
    ):
        with pytest.raises(CellFault):
            name(hostile)
