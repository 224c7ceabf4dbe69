"""Which sentences of a lesson point at the bank's own rule."""

import pytest

from courses.pages.bank_rules import sentences_pointing


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("路是有的。来不了的，按本行规定办授权。请带回去。", ["来不了的，按本行规定办授权。"]),
        ("本行规定\n网点 09:00 开门。", []),
        ("由两人点验（各条线的起点见本行规定页）。", []),
        ("按本行的反诈劝阻流程请主管，该报警的报警。", ["按本行的反诈劝阻流程请主管，该报警的报警。"]),
        ("你在本行已经工作了很多年，规定都熟。", []),
        ("条件和规则照本行核对过的说法讲，别凭记忆。", ["条件和规则照本行核对过的说法讲，别凭记忆。"]),
    ],
)
def test_chinese_sentences(text, found):
    assert sentences_pointing(text, "zh-hans") == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Wait. Settled by this bank’s rules, against receipts. Go on.",
            ["Settled by this bank’s rules, against receipts."],
        ),
        ("House rules\nThe branch opens at 09:00.", []),
        ("Follow this bank's emergency plan at once.", ["Follow this bank's emergency plan at once."]),
        ("She left this bank’s lobby. The rules are clear.", []),
    ],
)
def test_english_sentences(text, found):
    assert sentences_pointing(text, "en") == found


def test_another_language_has_no_such_sentences():
    assert sentences_pointing("按本行规定办。", "fr") == []
