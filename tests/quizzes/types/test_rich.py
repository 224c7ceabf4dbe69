"""Formatted texts: the safe set, and that nothing else passes."""

import hashlib
import json

import pytest
from django.utils.safestring import SafeString

from quizzes.types import BodyProblems, canonical, question_type
from quizzes.types.base import body_digest
from quizzes.types.rich import (
    canonical_rich,
    cleaned,
    files_asked,
    files_in,
    is_rich,
    marked,
    plain,
    rich_or_plain,
    shown,
)
from tests.quizzes.factories import body

PICTURE, OTHER = "a" * 64, "b" * 64


def question(stem, **more):
    return canonical({**body(), "stem": {"zh-hans": stem}, **more})


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("<p>5×10<sup>6</sup></p>", "5×10<sup>6</sup>"),
        ("<b>不</b>正确的是<i>哪项</i>", "<strong>不</strong>正确的是<em>哪项</em>"),
        ("<ul><li>甲<li>乙</ul>", "<ul><li>甲</li><li>乙</li></ul>"),
        (
            "<div><table class=x><tr><th onclick=alert(1)>期限</th><td colspan=2>1 &lt; 2</td></tr></table></div>",
            '<table><tbody><tr><th>期限</th><td colspan="2">1 &lt; 2</td></tr></tbody></table>',
        ),
        (f'<img data-file="{PICTURE}" alt="图" onerror="x" src="http://a/b">', f'<img data-file="{PICTURE}" alt="图">'),
        ("<script>alert(1)</script>甲<svg onload=x><script>y</script></svg><style>*{}</style>", "甲"),
        ('<noscript><p title="</noscript><img src=x onerror=alert(1)>">甲', "甲"),
        ("<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>", ""),
        ('<a href="javascript:alert(1)">甲</a><iframe src=x></iframe><form><input value=y></form>', "甲"),
    ],
)
def test_what_is_safe_stays_and_nothing_else(html, kept):
    assert cleaned(html) == kept
    assert cleaned(kept) == kept


def test_what_is_left_out_is_named_once_each():
    notes = []

    rich_or_plain(
        "<script>1</script><svg></svg><video></video><font color=red>红</font><a href='http://x/'>a</a><script></script>",
        None,
        notes,
    )

    assert [str(note).split("。")[0] for note in notes] == [
        "脚本不予导入",
        "SVG 图形不予导入，请另存为 PNG 后上传",
        "视频不予导入",
        "文字颜色不予保留，请用文字说明颜色所表示的意思",
        "链接的网址不予导入：http://x/",
    ]


def test_plain_texts_stay_what_they_are_to_the_digest():
    assert rich_or_plain("<p>甲<br>乙</p><p>丙</p>") == "甲\n乙\n丙"
    assert canonical("5 < 6 & <b>不</b>") == "5 < 6 & <b>不</b>"
    assert canonical_rich(marked("甲")) == "甲"
    text = json.dumps(body(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert body_digest(body()) == hashlib.sha256(text.encode()).hexdigest()


def test_words_alone_keep_powers_rows_and_what_a_picture_shows():
    text = marked(
        f"5×10<sup>6</sup>和x<sup>ab</sup><table><tbody><tr><td>1年</td><td>1.5%</td></tr></tbody></table>"
        f'<img data-file="{PICTURE}" alt="it\'s a &quot;chart&quot;">'
    )

    assert plain(text) == '5×10⁶和x^(ab)\n1年 | 1.5%\n【it\'s a "chart"】'
    assert plain("5×10<sup>6</sup>") == "5×10<sup>6</sup>"


def test_a_page_gets_safe_html_with_its_own_addresses_only():
    html = shown(marked(f'<table><tr><td>甲</td></tr></table><img data-file="{PICTURE}" alt="图">'), "zh-hans")

    assert isinstance(html, SafeString)
    assert 'tabindex="0" role="region" aria-label="表格"><table>' in html
    assert f'<img class="rich__file" src="/quizzes/files/{PICTURE}/" loading="lazy"' in html
    # Whatever slipped into the store runs nowhere.
    assert "onerror" not in shown(marked("<img src=x onerror=alert(1)>甲"), "zh-hans")


@pytest.mark.parametrize(
    "stem",
    [
        marked("<u>" + "甲" * 4001 + "</u>"),
        marked("".join(f'<img data-file="{number:064x}" alt="图">' for number in range(11))),
        marked("<u>甲</u>" * 3000),
    ],
)
def test_too_much_is_refused(stem):
    with pytest.raises(BodyProblems):
        question_type("single").parse(question(stem))


def test_what_is_typed_and_compared_holds_words_only():
    typed = {
        "type": "shorttext",
        "stem": {"zh-hans": "问"},
        "answers": [{"id": "a", "text": {"zh-hans": marked("<u>甲</u>")}, "fraction": "1", "feedback": {}}],
    }

    with pytest.raises(BodyProblems, match="不能带格式"):
        question_type("shorttext").parse(canonical(typed))


def test_the_paper_and_the_review_show_formatting_and_lists_show_words():
    kind = question_type("single")
    rows = [
        {"id": "a", "text": {"zh-hans": marked("10<sup>8</sup>")}, "fraction": "1", "feedback": {"zh-hans": "是<1>"}},
        {"id": "b", "text": {"zh-hans": "10<8"}, "fraction": "0", "feedback": {}},
    ]
    parsed = kind.parse(question(marked("<strong>一亿</strong>是"), options=rows))
    order = {"options": ["a", "b"]}

    shown_options = [option["text"] for option in kind.present(parsed, order, "zh-hans")["options"]]

    assert shown_options == ['<span class="rich">10<sup>8</sup></span>', "10<8"]
    assert [isinstance(text, SafeString) for text in shown_options] == [True, False]
    assert kind.review(parsed, order, None, "zh-hans")[0]["feedback"] == "是<1>"
    assert kind.right_answer(parsed, "zh-hans", order) == "10⁸"
    assert kind.shown_stem(parsed, "zh-hans") == "一亿是"


def test_a_formatted_paragraph_keeps_its_gaps_and_a_tag_is_no_gap():
    kind = question_type("cloze")
    gaps = [{"id": "g1", "kind": "text", "answers": [{"id": "a", "text": {"zh-hans": "0"}, "fraction": "1"}]}]
    parsed = kind.parse(
        canonical({"type": "cloze", "stem": {"zh-hans": marked("<p>5<sup>[[g1]]</sup></p>")}, "gaps": gaps})
    )

    parts = kind.present(parsed, {}, "zh-hans")["parts"]

    assert [part["text"] for part in parts] == ['<span class="rich">5<sup>', "", "</sup></span>"]
    hidden = marked(f'<img data-file="{PICTURE}" alt="[[g1]]">甲')
    with pytest.raises(BodyProblems):
        kind.parse(canonical({"type": "cloze", "stem": {"zh-hans": hidden}, "gaps": gaps}))


def test_a_picture_without_words_waits_for_them_before_publishing():
    kind = question_type("single")

    def problems(alt):
        return kind.publishing_problems(kind.parse(question(marked(f'<img data-file="{PICTURE}" alt="{alt}">看图'))))

    assert len(problems("")) == 1
    assert problems("利率表") == []


def test_which_files_are_asked_and_which_are_told_only():
    asked = marked(f'<img data-file="{PICTURE}" alt="图">')
    told = marked(f'<img data-file="{OTHER}" alt="图">')
    whole = question(asked, feedback={"zh-hans": told})

    assert set(files_in(whole)) == {PICTURE, OTHER}
    assert set(files_asked(whole)) == {PICTURE}
    assert is_rich(whole["stem"]["zh-hans"])
