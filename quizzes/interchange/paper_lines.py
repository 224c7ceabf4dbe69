"""What a line of a paper is: a heading, a question, options, a field such as 答案 or 解析, or words that go on."""

import re
from dataclasses import dataclass

WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
BLANK = "____"

SECTIONS = {
    "单选题": "single",
    "单项选择题": "single",
    "单选": "single",
    "选择题": "choice",
    "多选题": "multiple",
    "多项选择题": "multiple",
    "多选": "multiple",
    "不定项选择题": "choice",
    "不定项": "choice",
    "判断题": "truefalse",
    "判断": "truefalse",
    "是非题": "truefalse",
    "对错题": "truefalse",
    "填空题": "gaps",
    "填空": "gaps",
    "简答题": "essay",
    "问答题": "essay",
    "论述题": "essay",
    "名词解释": "essay",
    "计算题": "essay",
    "案例分析题": "case",
    "案例分析": "case",
    "案例题": "case",
    "材料分析题": "case",
    "综合题": "case",
    "case analysis": "case",
    "case study": "case",
    "single choice": "single",
    "multiple choice": "choice",
    "true or false": "truefalse",
    "short answer": "essay",
    "essay": "essay",
    "essays": "essay",
    "essay questions": "essay",
    "fill in the blanks": "gaps",
}
# What English headings say beside these; in brackets behind a question they say nothing of its type.
ENGLISH_SECTIONS = {
    "case": "case",
    "case based": "case",
    "scenario": "case",
    "single answer": "single",
    "one answer": "single",
    "multiple answer": "multiple",
    "multiple answers": "multiple",
    "multiple response": "multiple",
    "true/false": "truefalse",
    "true false": "truefalse",
    "judgement": "truefalse",
    "judgment": "truefalse",
    "fill in the blank": "gaps",
    "fill in the gaps": "gaps",
    "gap fill": "gaps",
    "short essay": "essay",
    "open": "essay",
}
KINDS_OF_SECTIONS = {**SECTIONS, **ENGLISH_SECTIONS}
# A word that is no heading by itself: it stands alone in its line, or with its marks in brackets.
BARE = r"(?:case(?![\s-]+(?:based|analysis|study))|scenario|open|judge?ment|one answer|single answer|multiple answers?)"
PARTED = r"(?:[IVX]{1,5}\s*[.、:)]|(?:Part|Section)\s+\w{1,5}\s*[.:、—–-]*)"
NAMES_OF_SECTIONS = "|".join(
    re.escape(name).replace(r"\ ", r"[\s-]+").replace("/", r"\s*/\s*")
    for name in sorted(KINDS_OF_SECTIONS, key=len, reverse=True)
)
HEADING = re.compile(
    rf"^\s*(?:第?[一二三四五六七八九十]+(?:部分|大题)?\s*[、.:,]?|[(][一二三四五六七八九十]+[)]|{PARTED})?\s*[【\[]?"
    rf"(?!{BARE}(?:s|\s+questions?)?+\s*[】\]]?+\s*+[^\s(】\]])"
    rf"({NAMES_OF_SECTIONS})(?:s|[\s-]+(?:questions?|items?|studies|type))?[】\]]?\s*(?=$|[(:。,;、—–-]|[0-9])(.*)$",
    re.IGNORECASE,
)
# A letter before the name of a section is a heading only where the paper counts its sections so; else it is an option.
LETTERED_HEADING = re.compile(r"^\s*([A-H])\s*[.、:)]\s*(?=\S)")
# A part that says nothing of the type of its questions: they show it themselves.
PART = re.compile(
    r"^\s*(?:Part|Section)\s+(?:[A-Z]|[IVX]{1,5}|\d{1,2}|one|two|three|four|five|six)\s*(?:$|[.:—–-]\s*(.{0,60})$|([(].*[)])\s*$)"
)
EACH_MARK = re.compile(
    r"(?:每\s*(?:一|个|小)?\s*(?:题|道|空)(?:\s*各)?|各)\s*(?:得|计|记)?\s*(?P<mark>\d+(?:\.\d+)?)\s*分"
    r"|(?P<marks>\d+(?:\.\d+)?)\s*(?:marks?|points?)\s+each",
    re.IGNORECASE,
)
EACH_GAP = re.compile(r"每\s*(?:一|个)?\s*空")
ANY_MARK = re.compile(r"[\d一二两三四五六七八九十]\s*分|\d\s*(?:marks?|points?)", re.IGNORECASE)
OWN_MARK = re.compile(r"[(]\s*(\d+(?:\.\d+)?)\s*分\s*[)]")
NUMBERED = re.compile(
    r"^\s*(?:第\s*(\d{1,3})\s*题\s*[.、:]?|[【\[]?(?:Q(?:uestion|UESTION)?[.\s]*)?(\d{1,3})\s*(?:[.](?!\d)|[、)】\]]|[:](?!\d))|[(](\d{1,3})[)])\s*"
)
OPTION = re.compile(r"(?:^|(?<=[\s。;,]))[(]?([A-Ha-h])\s*[.、:)]\s*|(?:^|(?<=\s))([A-H])\s+(?=\S)")
ANSWERS = re.compile(
    r"^\s*[【\[]?(?:参考|标准|试题|附)?\s*(?:[:：])?\s*答案(?:及解析|与解析|汇总|部分)?[】\]]?\s*[:]?\s*$"
    r"|^\s*(?:(?:the\s+)?answers|answers?\s+keys?|keys?|solutions)\s*[:]?\s*$",
    re.IGNORECASE,
)
FIELDS = {
    "正确答案": "key",
    "参考答案": "key",
    "标准答案": "key",
    "答案": "key",
    "答": "key",
    "答题要点": "key",
    "答案要点": "key",
    "评分要点": "key",
    "评分标准": "key",
    "Model answer": "key",
    "Sample answer": "key",
    "ANSWER": "key",
    "Answers": "key",
    "Answer": "key",
    "Correct answer": "key",
    "Correct Answer": "key",
    "CORRECT ANSWER": "key",
    "Right answer": "key",
    "Ans": "key",
    "ANS": "key",
    "Key": "key",
    "答案解析": "why",
    "答案详解": "why",
    "试题解析": "why",
    "试题分析": "why",
    "题目解析": "why",
    "解析": "why",
    "解释": "why",
    "分析": "why",
    "详解": "why",
    "点评": "why",
    "Explanation": "why",
    "Rationale": "why",
    "难度": "difficulty",
    "难易度": "difficulty",
    "难易程度": "difficulty",
    "难度系数": "difficulty",
    "Difficulty": "difficulty",
    "知识点": "topic",
    "考点": "topic",
    "考核点": "topic",
    "标签": "topic",
    "Topic": "topic",
    "分值": "mark",
    "分数": "mark",
    # What a question rests on is said with its name behind the explanation.
    "理由": "source",
    "出处": "source",
    "依据": "source",
    "答案依据": "source",
    "制度依据": "source",
    "法规依据": "source",
    "题目来源": "source",
    "试题来源": "source",
    # What somebody answered once is nothing of the question.
    "您的答案": "own",
    "你的答案": "own",
    "我的答案": "own",
    "考生答案": "own",
}
FIELD = re.compile(
    rf"^\s*[【\[]?\s*({'|'.join(sorted(FIELDS, key=len, reverse=True))})\s*"
    r"(?:[】\]]\s*[:]?|[:]|\s*[\s.–—-](?=\s*(?:[A-Ha-h][A-Ha-h、,\s]{0,14}|[√×对错]|正确|错误|T|F|[Tt]rue|[Ff]alse|TRUE|FALSE)"
    r"\s*$))\s*"
)
SHARED = re.compile(
    r"(?:请?(?:根据|阅读|依据|结合))?.{0,20}(?:以下|下列|下面|上述|该|此)?(?:材料|案例|资料|情形|情景|背景).{0,30}回答\s*(?:第)?\s*"
    r"(\d{1,3})\s*(?:题)?\s*[-—–~至到]+\s*(?:第)?\s*(\d{1,3})\s*(?:小)?题?"
)
CASE = re.compile(
    r"^\s*[【\[(]?(?:案例(?:分析|背景|材料|描述)?|材料|资料|背景(?:材料|资料)?|情[景境]|Case(?:\s+study)?(?=\s*\d))"
    r"\s*[(]?(?P<number>[一二三四五六七八九十]{1,3}|\d{1,2})?[)]?\s*"
    r"(?:[】\])]\s*[:、.]?|[:、.]|(?<=[一二三四五六七八九十\d])\s+(?=\S)|(?<=[一二三四五六七八九十\d])[)]\s*|$)",
    re.IGNORECASE,
)
ITEM = re.compile(r"^\s*[(][一二三四五六七八九十]+[)]\s*")
SENTENCE_END = "。！？；.!?;：:，,"
TRUE, FALSE = (
    ("√", "✓", "✔", "对", "正确", "是", "T", "TRUE"),
    ("×", "✗", "✘", "X", "错", "错误", "否", "F", "FALSE", "╳"),
)
# A judgement behind the sentence of a statement, as sheets have it: a word only where the sentence has ended.
JUDGED_BEHIND = re.compile(
    r"(?:(?<=[。.!?;])\s*(√|✓|✔|对|正确|T|[Tt]rue|TRUE|×|✗|✘|x|X|错|错误|F|[Ff]alse|FALSE|╳)|\s+(√|✓|✔|×|✗|✘|╳))\s*[。.]?\s*$"
)
JUDGED = re.compile(r"[(]\s*(√|✓|✔|对|正确|T|[Tt]rue|TRUE|×|✗|✘|x|X|错|错误|F|[Ff]alse|FALSE|╳)\s*[)]")
LETTERED = re.compile(r"[(]\s*([A-H](?:[\s,、]*[A-H])*)\s*[)]")
EMPTY = re.compile(r"[(]\s*[)]")
GAP = re.compile(r"_{2,}|[(]\s*[)]")
DIFFICULTIES = {
    **dict.fromkeys(("易", "简单", "容易", "低", "★", "easy", "较易"), "easy"),
    **dict.fromkeys(("中", "中等", "一般", "适中", "★★", "medium"), "medium"),
    **dict.fromkeys(("难", "困难", "较难", "高", "★★★", "hard"), "hard"),
}


@dataclass(frozen=True)
class PaperLine:
    """A line with its number in the paper, from 1; ``narrow`` is it in half width, letter by letter.

    ``is_list`` is what stood as a table of answers; ``goes_on`` what stood behind other words in its line.
    """

    number: int
    text: str
    is_list: bool = False
    goes_on: bool = False

    @property
    def narrow(self) -> str:
        return narrow(self.text)


def narrow(text: str) -> str:
    """Full-width signs as half-width ones, one for one, so that places stay what they are."""
    return text.translate(WIDE)


def truth_of(said: str) -> bool | None:
    """What a sign or a word says of a statement, None where it says neither."""
    said = narrow(said).strip().strip("。.()（） ").upper()
    return True if said in TRUE else False if said in FALSE else None


def with_judgement_in_brackets(text: str) -> str:
    """A statement whose judgement stands behind it (“…。错”) as papers have it (“…。（错）”)."""
    found = JUDGED_BEHIND.search(narrow(text))
    if found is None or JUDGED.search(narrow(text)):
        return text
    return f"{text[: found.start()].rstrip()}（{found[1] or found[2]}）"


def letters_of(said: str) -> str:
    """The letters of a key, sorted and each once; '' where it is no key of letters."""
    bare = re.sub(r"^\s*[应故]?选|[\s,、;.。和及与/()]", "", narrow(said)).upper()
    return "".join(sorted(set(bare))) if re.fullmatch(r"[A-H]{1,8}", bare) else ""


def options_in(line: PaperLine, expected: str) -> list[tuple[str, str]]:
    """The options of a line from the expected letter on, (letter, words); none where it does not begin with it."""
    places: list[tuple[int, int, str]] = []
    for found in OPTION.finditer(line.narrow):
        letter = (found[1] or found[2]).upper()
        if letter == expected and (places or not line.narrow[: found.start()].strip()):
            places.append((found.start(), found.end(), letter))
            expected = chr(ord(expected) + 1)
    ends = [start for start, _end, _letter in places[1:]] + [len(line.text)] * bool(places)
    return [(letter, line.text[end:stop].strip()) for (_start, end, letter), stop in zip(places, ends, strict=True)]


def heading_of(text: str) -> tuple[str, str] | None:
    """The kind of the questions below a heading, '' where it says none, and what stands behind it; None for no heading.
    ``text`` is in half width and without marks."""
    named = HEADING.match(text)
    if named:
        return KINDS_OF_SECTIONS[re.sub(r"\s*/\s*", "/", re.sub(r"[\s-]+", " ", named[1])).lower()], named[2]
    part = PART.match(text)
    return ("", part[1] or part[2] or "") if part and not text.rstrip().endswith("?") else None


def lettered_heading(text: str) -> tuple[str, str, str] | None:
    """The letter of a heading such as “B. True or false (1 mark each)”, its kind and what stands behind it; None where
    anything but marks or brackets follows the name. ``text`` as for ``heading_of``."""
    lettered = LETTERED_HEADING.match(text)
    named = HEADING.match(text[lettered.end() :]) if lettered else None
    if lettered is None or named is None or named.start(1):
        return None
    kind, rest = heading_of(text[lettered.end() :]) or ("", "")
    alone = not rest.strip(" :。.") or re.match(r"\s*[:,—–-]?\s*[(]", rest) or EACH_MARK.search(rest)
    return (lettered[1], kind, rest) if alone else None


def begins_with_option(line: PaperLine) -> bool:
    match = OPTION.match(line.narrow.lstrip())
    return bool(match and (match[1] or match[2]).upper() == "A")
