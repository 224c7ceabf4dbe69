"""The demo bank: nine branches and about sixty people, hired and posted by the rules with past dates handed in."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.hashers import make_password

from academy.models import Branch, BranchKind, CalendarException, Position, Role, StaffType, User
from academy.models.roles import TIME_BOXED_ROLES
from academy.staff.branches import place_branch
from academy.staff.facts import set_superuser
from academy.staff.people import hire_person, post_person
from academy.staff.roles import grant_role

PASSWORD = "academy-demo"  # noqa: S105

K = BranchKind
# code, kind, name, name_en, parent
BRANCHES = [
    ("ZH0000", K.HEAD_OFFICE, "总行", "Head Office", None),
    ("BJ0000", K.FIRST_LEVEL, "北京分行", "Beijing Branch", "ZH0000"),
    ("BJCY01", K.SUB_BRANCH, "朝阳支行", "Chaoyang Sub-branch", "BJ0000"),
    ("BJCY02", K.OUTLET, "望京网点", "Wangjing Outlet", "BJCY01"),
    ("BJHD01", K.SUB_BRANCH, "海淀支行", "Haidian Sub-branch", "BJ0000"),
    ("SH0000", K.FIRST_LEVEL, "上海分行", "Shanghai Branch", "ZH0000"),
    ("SHPD01", K.SUB_BRANCH, "浦东支行", "Pudong Sub-branch", "SH0000"),
    ("SHPD03", K.OUTLET, "陆家嘴网点", "Lujiazui Outlet", "SHPD01"),
    ("SHXH01", K.SUB_BRANCH, "徐汇支行", "Xuhui Sub-branch", "SH0000"),
]

POSITIONS = [
    ("training-officer", "培训管理员", "Training officer", ""),
    ("in-house-trainer", "内训师", "In-house trainer", ""),
    ("sub-branch-head", "支行行长", "Head of sub-branch", ""),
    ("auditor", "审计员", "Auditor", ""),
    ("system-administrator", "系统管理员", "System administrator", ""),
    ("teller", "柜员", "Teller", "operations"),
    ("lobby-manager", "大堂经理", "Lobby manager", "retail"),
]
CORPORATE, RETAIL, SMALL = (
    "client-manager-corporate",
    "client-manager-retail",
    "client-manager-small-business",
)


@dataclass(frozen=True)
class Cast:
    """One person of the demo. Days are counted back from the day of loading."""

    number: str
    name: str
    branch: str
    position: str
    hired_days: int
    posted_days: int
    roles: tuple[tuple[str, str], ...] = ()
    language: str = ""
    finance_years: int = 0
    manager: str = "400001"
    says: str = ""
    says_en: str = ""


LOGINS = [
    Cast("100001", "欧阳文澜", "BJCY01", CORPORATE, 96, 90, says="新员工", says_en="new hire"),
    Cast(
        "200001",
        "宋知远",
        "ZH0000",
        "in-house-trainer",
        2600,
        1500,
        ((Role.TRAINER, "ZH0000"),),
        manager="",
        says="内训师",
        says_en="trainer",
    ),
    Cast(
        "200002",
        "顾清和",
        "ZH0000",
        "in-house-trainer",
        3100,
        1200,
        ((Role.REVIEWER, "ZH0000"), (Role.EXAM_KEEPER, "ZH0000")),
        manager="",
        says="审核人",
        says_en="reviewer",
    ),
    Cast(
        "200003",
        "秦守诚",
        "ZH0000",
        "in-house-trainer",
        2300,
        700,
        ((Role.TRAINER, "ZH0000"), (Role.EXAM_KEEPER, "ZH0000")),
        manager="",
        says="考题保管人",
        says_en="exam keeper",
    ),
    Cast(
        "300001",
        "苏映雪",
        "ZH0000",
        "training-officer",
        2900,
        2000,
        ((Role.HR, "ZH0000"),),
        manager="",
        says="总行培训管理员",
        says_en="HR of head office",
    ),
    Cast(
        "300003",
        "钟礼安",
        "ZH0000",
        "training-officer",
        2100,
        900,
        ((Role.HR, "ZH0000"),),
        manager="",
        says="总行培训管理员（复核）",
        says_en="HR of head office, second person",
    ),
    Cast(
        "300002",
        "陆明川",
        "SH0000",
        "training-officer",
        2400,
        1100,
        ((Role.HR, "SH0000"),),
        manager="",
        says="上海分行培训管理员",
        says_en="HR of Shanghai branch",
    ),
    Cast(
        "400001",
        "贺兰舟",
        "BJCY01",
        "sub-branch-head",
        4200,
        1600,
        ((Role.LINE_MANAGER, "BJCY01"),),
        manager="",
        finance_years=14,
        says="直属上级",
        says_en="line manager",
    ),
    Cast(
        "500001",
        "闻静姝",
        "BJ0000",
        "in-house-trainer",
        3800,
        1300,
        ((Role.ASSESSOR, "BJ0000"),),
        manager="",
        says="考评员",
        says_en="assessor",
    ),
    Cast(
        "510001",
        "沈观澜",
        "BJ0000",
        "training-officer",
        2700,
        800,
        ((Role.INVIGILATOR, "BJ0000"),),
        manager="",
        says="监考员",
        says_en="invigilator",
    ),
    Cast(
        "600001",
        "严守正",
        "ZH0000",
        "auditor",
        3300,
        1400,
        ((Role.AUDITOR, "ZH0000"),),
        manager="",
        says="审计人员",
        says_en="auditor",
    ),
    Cast(
        "900001",
        "康乃文",
        "ZH0000",
        "system-administrator",
        1900,
        1000,
        ((Role.ADMINISTRATOR, "ZH0000"),),
        manager="",
        says="系统管理员",
        says_en="administrator",
    ),
    Cast(
        "100099",
        "林一舟",
        "SHPD01",
        RETAIL,
        120,
        110,
        manager="",
        says="其他分行学员",
        says_en="learner of another branch",
    ),
]

NAMES = [
    "谢长宁",
    "罗素衣",
    "司徒远航",
    "叶知秋",
    "方晓棠",
    "邓子墨",
    "孟庭轩",
    "秦若兰",
    "许怀瑾",
    "江疏影",
    "潘岳川",
    "姚书瑶",
    "何景行",
    "吕思齐",
    "陶令仪",
    "温如玉",
    "上官明哲",
    "崔砚秋",
    "傅云笙",
    "白慕青",
    "章台柳",
    "沈听澜",
    "段鸿飞",
    "易安然",
    "龙伯言",
    "程雪迎",
    "石磊",
    "万俟清",
    "诸葛明",
    "尹桃",
    "常青山",
    "艾山·买买提",
    "史可欣",
    "钱多福",
    "卫子衿",
    "蒋逐流",
    "韩冬至",
    "杨柳青",
    "朱砂",
    "任平生",
    "柯景腾",
    "毕海天",
    "岳云深",
    "田园",
    "夏初临",
    "齐鲁青",
    "裴行舟",
    "卓不群",
    "米雪晴",
    "管仲平",
]
# Outside the ladder; apart from ``cast``, which is dealt by numbers.
BESIDE = [
    Cast("130001", "莫晓岚", "BJCY02", "teller", 700, 300, manager=""),
    Cast("130002", "顾一鸣", "BJHD01", "teller", 1500, 420, manager=""),
    Cast("130003", "丁秀禾", "BJCY02", "lobby-manager", 200, 120, manager=""),
    Cast("130004", "康子默", "BJ0000", "second-line-clients", 1900, 400, manager=""),
    Cast("130005", "商若水", "SHPD03", "teller", 500, 260, manager=""),
    Cast("130006", "闵从周", "SHPD01", "lobby-manager", 2200, 330, finance_years=6, manager=""),
    Cast("140001", "纪云帆", "BJCY02", "outlet-head", 2800, 500, finance_years=9, manager=""),
    Cast("140002", "祝青岚", "BJCY02", "outlet-deputy", 1700, 200, finance_years=5, manager=""),
    Cast("140003", "路知行", "SHPD03", "outlet-head", 3200, 900, finance_years=11, manager=""),
]
PLACES = ("BJCY01", "BJCY02", "BJHD01", "SHPD01", "SHPD03", "SHXH01")


def cast() -> list[Cast]:
    """Everybody: the logins, then the named crowd, spread over branches, lines and lengths of service."""
    crowd = []
    for index, name in enumerate(NAMES):
        position = (CORPORATE, RETAIL, SMALL, RETAIL, CORPORATE)[index % 5]
        if index % 25 == 24:
            position = "lobby-manager"
        posted = (60, 150, 240, 330, 420, 500, 620, 760, 900, 1100)[index % 10]
        hired = posted + (10, 200, 800, 1600, 2400)[index % 5]
        crowd.append(
            Cast(
                number=f"{110001 + index}",
                name=name,
                branch=PLACES[index % len(PLACES)],
                position=position,
                hired_days=hired,
                posted_days=posted,
                language="en" if index % 11 == 10 else "",
                finance_years=(0, 0, 4, 8, 12)[index % 5],
                manager="400001" if PLACES[index % len(PLACES)] in ("BJCY01", "BJCY02") else "",
            )
        )
    return LOGINS + crowd


def load_people(*, now: datetime) -> dict[str, User]:
    """Opens the branches and hires everybody at their own past moments. Idempotent by staff number."""
    today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    opening = today - timedelta(days=3650)
    branches: dict[str, Branch] = {}
    for code, kind, name, name_en, parent in BRANCHES:
        branches[code] = place_branch(
            code=code,
            kind=kind,
            name=name,
            name_en=name_en,
            parent=branches[parent] if parent else None,
            effective_from=opening,
            now=moment(opening),
            actor=None,
        )
    for code, name, name_en, line in POSITIONS:
        Position.objects.get_or_create(code=code, defaults={"name": name, "name_en": name_en, "line": line})
    positions = {position.code: position for position in Position.objects.all()}
    people = {user.staff_number: user for user in User.objects.all()}
    # One slow hash for the one password that all of them have.
    password = make_password(PASSWORD)
    for member in sorted([*cast(), *BESIDE], key=lambda member: member.number not in ("400001",)):
        if member.number in people:
            continue
        person = people[member.number] = User.objects.create(
            staff_number=member.number,
            password=password,
            display_name=member.name,
            language=member.language,
            email=f"{member.number}@bank.example" if member in LOGINS else None,
        )
        hired = today - timedelta(days=member.hired_days)
        hire_person(
            person=person,
            hired_on=hired,
            now=moment(hired),
            actor=None,
            staff_type=StaffType.TRAINEE if member.hired_days < 200 else StaffType.PERMANENT,
            in_finance_since=_years_before(hired, member.finance_years) if member.finance_years else None,
        )
        posted = today - timedelta(days=member.posted_days)
        post_person(
            person=person,
            branch=branches[member.branch],
            position=positions[member.position],
            effective_from=posted,
            now=moment(posted),
            actor=None,
            manager=people.get(member.manager),
        )
        if member.number == "900001":
            set_superuser(person=person, holds=True, reason="demo", now=moment(hired))
        for role, branch in member.roles:
            until = today + timedelta(days=365) if role in TIME_BOXED_ROLES else None
            grant_role(
                person=person, role=role, branch=branches[branch], now=moment(posted), actor=None, effective_until=until
            )
    return people


# First and last day by month and day, as the government set them for 2026; another year's are entered by HR.
HOLIDAYS = [
    ("元旦", "New Year", (1, 1), (1, 3), [(1, 4)]),
    ("春节", "Spring Festival", (2, 15), (2, 23), [(2, 14), (2, 28)]),
    ("清明节", "Qingming", (4, 4), (4, 6), []),
    ("劳动节", "Labour Day", (5, 1), (5, 5), [(5, 9)]),
    ("端午节", "Dragon Boat Festival", (6, 19), (6, 21), []),
    ("中秋节", "Mid-Autumn Festival", (9, 25), (9, 27), []),
    ("国庆节", "National Day", (10, 1), (10, 7), [(9, 20), (10, 10)]),
]


def load_holidays(year: int) -> None:
    """A year of holidays with the days worked in exchange, and the next New Year, which the law fixes. Idempotent."""
    kinds = CalendarException.Kind
    days = [(year, *row) for row in HOLIDAYS] + [(year + 1, "元旦", "New Year", (1, 1), (1, 1), [])]
    for of, name, name_en, first, last, exchanged in days:
        spans = [(kinds.HOLIDAY, first, last, name, name_en)]
        spans += [(kinds.WORKING, day, day, f"{name}调休", f"{name_en}, worked in exchange") for day in exchanged]
        for kind, begin, end, text, text_en in spans:
            named = {"last_day": date(of, *end), "name": text, "name_en": text_en}
            CalendarException.objects.get_or_create(kind=kind, first_day=date(of, *begin), defaults=named)


def moment(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """A moment of a bank-local day."""
    return datetime.combine(day, time(hour, minute), tzinfo=ZoneInfo(settings.TIME_ZONE))


def _years_before(day: date, years: int) -> date:
    return day.replace(year=day.year - years, day=min(day.day, 28))
