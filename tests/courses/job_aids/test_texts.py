"""What a job aid's text becomes: lines to write on and boxes, named for whoever cannot see them, on screen and on paper."""

import pytest

from courses.job_aids.texts import Unfit, plain, read, shape, to_fill_in, to_print

TEXT = """## 核对

[[ 客户 ]] [[ 日期 | date ]]

- [ ] 已核对身份
- [ ] 其他：[[ 写明 ]]

| 事项 | 何时 | 完成 |
| --- | --- | --- |
| 回电 | [[ :date ]] | [ ] |
| [[ ]] | [[ ]] | [ ] |

[[ 经过 | 3 ]]
"""


def test_each_line_and_box_has_a_type_and_a_running_name():
    assert shape(TEXT) == [
        ("text", 1),
        ("date", 1),
        ("box", 1),
        ("box", 1),
        ("text", 1),
        ("date", 1),
        ("box", 1),
        ("text", 1),
        ("text", 1),
        ("box", 1),
        ("text", 3),
    ]
    assert list(read(TEXT).blanks) == ["f1", "f2", "b1", "b2", "f3", "f4", "b3", "f5", "f6", "b4", "f7"]


def test_a_cell_is_named_by_its_column_and_its_row():
    html = to_fill_in(TEXT)
    assert 'inputmode="numeric" autocomplete="off" data-blank="f4" aria-label="何时 · 回电"' in html
    assert 'data-blank="b3" aria-label="完成 · 回电"' in html
    assert 'data-blank="f6" aria-label="何时 · 2"' in html


def test_words_beside_a_box_tick_it():
    html = to_fill_in(TEXT)
    assert '<label><input type="checkbox" data-blank="b1"><span>已核对身份</span></label>' in html
    # Where a line stands among the words a label would hold two fields.
    assert '<div><input type="checkbox" data-blank="b2" aria-label="其他："><span>其他：' in html


def test_paper_has_no_fields():
    printed = to_print(TEXT)
    assert "<input" not in printed
    assert printed.count('class="box"') == 4


def test_words_of_the_text_are_never_markup():
    assert "<script>" not in to_fill_in("[[ <script>alert(1)</script> ]] <script>alert(2)</script>")
    assert 'aria-label="&quot;&gt;' in to_fill_in('| "> |\n| --- |\n| [[ ]] |')


@pytest.mark.parametrize("said", ["[[ 名称 | 9 ]]", "[[ 名称 | 1 ]]", "[[ 名称 | colour ]]", "[[ :time ]]"])
def test_an_unknown_kind_of_line_is_refused(said):
    with pytest.raises(Unfit):
        read(said)


def test_the_search_reads_words_and_labels():
    words = plain(TEXT)
    assert "已核对身份" in words
    assert "经过" in words
    assert "|" not in words
    assert "[[" not in words
