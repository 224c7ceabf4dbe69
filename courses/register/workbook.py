"""培训台账 as a spreadsheet: what was asked, the rows, and what the columns mean."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from academy.journal import newest_seal
from academy.spreadsheets import Column, Sheet, meanings_of, write_workbook
from courses.register.columns import CATEGORIES, COLUMNS
from courses.register.rows import TrainingQuery

WIDTHS = {"序号": 6, "项目名称": 24}
PROGRESS_EVERY = 500


def write_register(
    *,
    target: Path,
    rows: Callable[[], Iterable[dict[str, Any]]],
    question: TrainingQuery,
    limited: bool,
    branch_name: str = "",
    progress: Callable[[int], None] = lambda done: None,
) -> int:
    """Writes the file and returns how many rows. ``rows`` is read twice: once for the checksum, once to be written."""
    count, digest = checksum(rows())
    columns = [Column(name, width=WIDTHS.get(name, 14)) for name in COLUMNS]
    header = header_of(question, limited, count, digest, branch_name)
    return write_workbook(
        target,
        Sheet("培训台账", columns, _cells(rows(), progress), header, frozen=3),
        meanings_of(columns, MEANINGS, title="字段说明"),
    )


def _cells(rows: Iterable[dict[str, Any]], progress: Callable[[int], None]) -> Iterator[list[Any]]:
    for number, row in enumerate(rows, 1):
        yield [row[name] for name in COLUMNS]
        if number % PROGRESS_EVERY == 0:
            progress(number)


def header_of(
    question: TrainingQuery, limited: bool, count: int, digest: str, branch_name: str = ""
) -> list[tuple[str, Any]]:
    asked = [
        f"{question.since.isoformat()} 至 {question.until.isoformat()} 结束的培训",
        f"机构：{branch_name or question.branch}及下级" if question.branch else "",
        f"类别：{CATEGORIES.get(question.category, question.category)}" if question.category else "",
        f"姓名或工号含：{question.search}" if question.search else "",
    ]
    return [
        ("标题", "培训台账"),
        ("截至日", question.until.isoformat()),
        ("数据版本日", question.known_as_of),
        ("查询条件", "；".join(part for part in asked if part)),
        ("查询范围是否受权限限制", "是" if limited else "否"),
        ("行数", count),
        ("校验值", digest),
        ("封印", newest_seal(question.known_as_of)),
    ]


def checksum(rows: Iterable[dict[str, Any]]) -> tuple[int, str]:
    """How many rows and the SHA-256 of their values, which stands in the header."""
    found, count = hashlib.sha256(), 0
    for row in rows:
        count += 1
        found.update(json.dumps(row, ensure_ascii=False, sort_keys=True, default=str).encode() + b"\n")
    return count, found.hexdigest()


MEANINGS = {
    "序号": "行号",
    "工号": "文本格式，保留前导零",
    "姓名": "员工现用姓名",
    "一级分行": "培训结束日任职机构所属一级分行，机构层级按截至日",
    "支行/网点": "培训结束日所在网点，无网点的为支行；在分行、总行本部任职的为该分行、总行",
    "部门": "培训结束日所在部门",
    "岗位": "培训结束日主岗",
    "资格等级": "截至日持有的最高客户经理专业资格等级",
    "入职日期": "本段劳动关系起始日",
    "项目名称": "课程、面授场次或录入的培训项目",
    "类别": "业务知识、合规与风险、服务与营销技能、管理能力、综合素养",
    "形式": "线上课程、面授、混合；录入的培训留空",
    "主办部门": "面授场次的主办机构",
    "讲师/提供方": "面授为讲师，录入的培训为主办方",
    "开始": "课程为开始学习日",
    "结束": "课程为完成日",
    "地点": "面授场次的地点",
    "学时": "该项目的学时数，1 学时为 45 分钟；是否计入见学时认定",
    "签到": "签到时间，事后登记的为登记时间",
    "签退": "早退者的离开时间，全程参加的留空",
    "考试名称": "课程测验或面授结束测试",
    "成绩": "百分制，课程取完成前最后一次",
    "合格线": "百分制",
    "次数": "完成前的作答次数",
    "是否合格": "成绩达到合格线为是",
    "学时认定": "是，或否及原因；面授须签到且全程参加，有测试的须合格",
    "佐证材料": "签到方式，或录入的佐证材料及存放处",
    "经办人": "登记人；线上课程由系统自动登记，留空",
    "复核人": "另一名复核人，未复核的留空",
    "备注": "缺席原因、更正等",
}
