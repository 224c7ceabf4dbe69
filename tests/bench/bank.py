"""A bank by the numbers: branches and staff from a seed, as files that HR could have sent."""

import csv
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import xlsxwriter

SEED = 20261124
BRANCH_HEADINGS = ["机构代码", "机构名称", "上级机构代码", "级别"]
STAFF_HEADINGS = ["工号", "姓名", "机构代码", "岗位", "邮箱", "入职日期", "上级工号", "在职", "部门", "用工类型"]
SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾萧田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴莫孔向常"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂兰文澜远航知秋晓棠子墨庭轩若怀瑾疏影岳川书瑶景行思齐令仪如玉哲砚云笙慕青台柳听鸿飞安然伯言雪迎石清诸葛尹桃"
POSITIONS = [
    "零售客户经理",
    "公司客户经理",
    "小微客户经理",
    "高级客户经理",
    "柜员",
    "高柜柜员",
    "低柜柜员",
    "大堂经理",
    "理财经理",
    "运营主管",
    "网点负责人",
    "支行行长",
    "风险经理",
    "授信审批人",
    "合规专员",
    "培训管理员",
    "信息科技岗",
    "综合管理岗",
    "会计结算岗",
    "国际结算岗",
]
TYPES = ["正式", "正式", "正式", "正式", "合同", "派遣", "管培生"]
DEPARTMENTS = ["", "", "", "零售业务部", "公司业务部", "运营管理部", "风险管理部"]


def branch_rows(count: int) -> list[list[str]]:
    """Head office, then first-level, second-level, sub-branches and outlets in fixed shares."""
    rows, levels = [["A00000", "总行", "", "总行"]], {"总行": ["A00000"]}
    shares = [
        ("一级分行", "总行", 0.009),
        ("二级分行", "一级分行", 0.06),
        ("支行", "二级分行", 0.25),
        ("网点", "支行", 1.0),
    ]
    rng = random.Random(SEED)
    for level, above, share in shares:
        wanted = max(1, round(count * share)) if share < 1 else count - len(rows)
        levels[level] = []
        for _ in range(wanted):
            if len(rows) >= count:
                break
            code = f"A{len(rows):05}"
            rows.append([code, f"{level}{len(rows)}", rng.choice(levels[above]), level])
            levels[level].append(code)
    return rows


def staff_rows(count: int, branches: list[list[str]], moved: float = 0.0) -> Iterator[list[str]]:
    """``moved``: the share of people whose branch differs from the first edition of the file."""
    rng, again = random.Random(SEED), random.Random(SEED + 1)
    codes = [row[0] for row in branches]
    start = date(1995, 1, 1)
    for number in range(count):
        branch = codes[number % len(codes)]
        head = number % len(codes)
        name = rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, rng.choice((1, 2, 2))))
        hired = start + timedelta(days=rng.randrange(11_000))
        written = (hired.isoformat(), f"{hired:%Y/%m/%d}", f"{hired.year}年{hired.month}月{hired.day}日")[number % 3]
        position, kind, department = rng.choice(POSITIONS), rng.choice(TYPES), rng.choice(DEPARTMENTS)
        if moved and again.random() < moved:
            branch = again.choice(codes)
        manager = "" if number < len(codes) else f"{head:08}"
        yield [
            f"{number:08}",
            name,
            branch,
            position,
            f"s{number:08}@bank.example",
            written,
            manager,
            "是",
            department,
            kind,
        ]


def write_csv(path: Path, headings: list[str], rows) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        writer.writerows(rows)
    return path


def write_xlsx(path: Path, headings: list[str], rows) -> Path:
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("员工名册")
        for at, row in enumerate([headings]):
            sheet.write_row(at, 0, row)
        for at, row in enumerate(rows, 1):
            sheet.write_row(at, 0, row)
    return path
