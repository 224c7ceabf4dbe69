"""The rows of the training register, as of a day and as known at a moment. The same question gives the same rows.

A row is a completed course, one person's result in a closed session, or hours that HR entered. What has no hours stands
in it as well, with the reason.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import batched
from typing import Any

from django.db.models import CharField, F, IntegerField, OuterRef, Subquery, Value
from django.db.models.query import QuerySet
from django.utils import timezone

from academy.calendar.clock import local_day
from academy.doors import levels_held
from academy.models import BranchKind, Employment, Posting, User
from academy.staff.branches import tree_on
from academy.staff.finding import named_by
from academy.staff.posted import last_branch
from courses.models import Attendance, CourseQuiz, Enrolment, HourEntry
from courses.progress.learning import occasion_of
from courses.register.columns import (
    CATEGORIES,
    CLASS,
    COLUMNS,
    COURSE,
    ENGLISH,
    ENTRY,
    FACT,
    FORMS,
    HOW,
    RECOGNITION,
)
from quizzes.grading.marks import percent
from quizzes.models import Attempt

BATCH = 500
# From the nearest on; a department stands in a column of its own.
PLACES = [kind for kind in reversed(BranchKind) if kind != BranchKind.DEPARTMENT]


@dataclass(frozen=True)
class TrainingQuery:
    """What the register is asked. Trainings that ended from ``since`` through ``until``, both inclusive."""

    since: date
    until: date
    known_as_of: datetime
    branch: str = ""
    category: str = ""
    search: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "known_as_of": self.known_as_of.isoformat(),
            "branch": self.branch,
            "category": self.category,
            "search": self.search,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "TrainingQuery":
        return cls(
            **{
                **data,
                "since": date.fromisoformat(data["since"]),
                "until": date.fromisoformat(data["until"]),
                "known_as_of": datetime.fromisoformat(data["known_as_of"]),
            }
        )


def keys_of(question: TrainingQuery, people: QuerySet[User]) -> QuerySet:
    """Kind, key, last day and staff number of each row, in the register's order: one query over three tables."""
    known, narrowed = question.known_as_of, _people(question, people)
    completed = Enrolment.objects.filter(
        completed_at__lte=known,
        completed_on__gte=question.since,
        completed_on__lte=question.until,
        learner__in=narrowed,
    )
    first = timezone.make_aware(datetime.combine(question.since, datetime.min.time()))
    after = timezone.make_aware(datetime.combine(question.until + timedelta(days=1), datetime.min.time()))
    attended = Attendance.objects.known(known).filter(
        session__ends_at__gte=first, session__ends_at__lt=after, person__in=narrowed
    )
    entered = HourEntry.objects.known(known).filter(
        source__in=[HourEntry.Source.ENTERED, HourEntry.Source.IMPORTED],
        effective_until__gte=question.since,
        effective_until__lte=question.until,
        person__in=narrowed,
    )
    if question.category:
        of_course = HourEntry.objects.filter(enrolment=OuterRef("pk")).values("category")[:1]
        completed = completed.annotate(said=Subquery(of_course)).filter(said=question.category)
        attended = attended.filter(session__category=question.category)
        entered = entered.filter(category=question.category)
    parts = [
        _keyed(completed, COURSE, "completed_on", "learner__staff_number"),
        _keyed(attended, CLASS, "session__ends_at__date", "person__staff_number"),
        _keyed(entered, ENTRY, "effective_until", "person__staff_number"),
    ]
    return parts[0].union(*parts[1:], all=True).order_by("day", "number", "kind", "key")


def _keyed(rows: QuerySet, kind: str, day: str, number: str) -> QuerySet:
    found = rows.order_by().annotate(
        kind=Value(kind, output_field=CharField()),
        key=F("pk") + Value(0, output_field=IntegerField()),
        day=F(day),
        number=F(number),
    )
    return found.values("kind", "key", "day", "number")


def _people(question: TrainingQuery, people: QuerySet[User]) -> QuerySet:
    """The visible people, those whose last post by the last day asked is in the branch, and those the search names."""
    found = people
    if question.branch:
        tree = tree_on(question.until, question.known_as_of)
        below = [pk for pk in tree.branches if any(branch.code == question.branch for branch in tree.chain(pk))]
        branch = last_branch(question.until, question.known_as_of, "pk")
        found = found.annotate(branch_of_day=branch).filter(branch_of_day__in=below)
    if question.search:
        found = found.filter(named_by(question.search))
    return found.values("pk")


def rows_of(question: TrainingQuery, keys: Iterable[dict[str, Any]], *, first: int = 1) -> list[dict[str, Any]]:
    """Rows of a page of keys. A constant number of queries; ``first`` is the number of the first row.

    The register speaks Chinese; ``ENGLISH`` holds, by column, the names that have an English one, for screens.
    """
    wanted: dict[str, list[int]] = {COURSE: [], CLASS: [], ENTRY: []}
    order = [(key["kind"], key["key"]) for key in keys]
    for kind, pk in order:
        wanted[kind].append(pk)
    courses = list(Enrolment.objects.filter(pk__in=wanted[COURSE]).select_related("learner", "course__topic"))
    classes = Attendance.objects.filter(pk__in=wanted[CLASS]).select_related(
        "person", "attendee", "session__branch", "session__closed_by", "session__reviewed_by", "recorded_by"
    )
    entries = HourEntry.objects.filter(pk__in=wanted[ENTRY]).select_related(
        "person", "recorded_by", "reviewed_by", "corrects"
    )
    found: dict[tuple[str, int], tuple[User, date, dict[str, Any]]] = {}
    hours = _hours_of(question, courses)
    exams = _exams_of(courses)
    for course in courses:
        # A key is of one that was completed.
        assert course.completed_on is not None
        found[COURSE, course.pk] = (
            course.learner,
            course.completed_on,
            _course_row(course, hours.get(course.pk), exams.get(course.pk)),
        )
    for result in classes:
        found[CLASS, result.pk] = (result.person, local_day(result.session.ends_at), _class_row(result, question))
    for entry in entries:
        found[ENTRY, entry.pk] = (entry.person, entry.last_day, _entry_row(entry, question))
    whose = _Facts(question, {person.pk for person, _day, _row in found.values()})
    rows = []
    for number, key in enumerate(order, first):
        person, day, row = found[key]
        about = whose.of(person, day)
        english = {**about.pop(ENGLISH), **row.pop(ENGLISH, {})}
        fact = (key[0], person.pk, row.pop(FACT, key[1]))
        rows.append({**dict.fromkeys(COLUMNS, ""), **about, **row, ENGLISH: english, FACT: fact, "序号": number})
    return rows


def every_row(question: TrainingQuery, people: QuerySet[User]) -> Iterator[dict[str, Any]]:
    """All rows, a batch in memory at a time."""
    number = 1
    for keys in batched(keys_of(question, people).iterator(chunk_size=BATCH), BATCH):
        rows = rows_of(question, keys, first=number)
        number += len(rows)
        yield from rows


def _hours_of(question: TrainingQuery, courses: list[Enrolment]) -> dict[int, HourEntry]:
    entries = HourEntry.objects.known(question.known_as_of).filter(enrolment__in=courses)
    return {entry.enrolment_id: entry for entry in entries if entry.enrolment_id is not None}


def _exams_of(courses: list[Enrolment]) -> dict[int, list[Attempt]]:
    """The papers of each time through a course that were handed in before it was completed, the last one last."""
    placed = CourseQuiz.objects.gating().filter(course__in={course.course_id for course in courses}).values("quiz")
    by_occasion = {occasion_of(course): course for course in courses}
    found: dict[int, list[Attempt]] = {}
    papers = (
        Attempt.objects.counting()
        .filter(occasion__in=by_occasion, quiz__in=placed)
        .select_related("quiz")
        .defer("paper")
    )
    for paper in papers.order_by("finished_at"):
        enrolment = by_occasion[paper.occasion]
        handed_in = (
            paper.finished_at is not None and enrolment.completed_at and paper.finished_at <= enrolment.completed_at
        )
        if enrolment.learner_id == paper.learner_id and handed_in:
            found.setdefault(enrolment.pk, []).append(paper)
    return found


def _course_row(enrolment: Enrolment, entry: HourEntry | None, papers: list[Attempt] | None) -> dict[str, Any]:
    course = enrolment.course
    category = entry.category if entry else course.topic.hour_category if course.topic else ""
    row = {
        "项目名称": course.title or course.title_en or course.code,
        "类别": CATEGORIES.get(category, ""),
        "形式": "线上",
        "讲师/提供方": "本行学习平台",
        "开始": local_day(enrolment.opened_at),
        "结束": enrolment.completed_on,
        "学时": float(entry.hours if entry else course.hours),
        "学时认定": "是" if entry else "否，学时已撤回",
        "备注": f"第 {enrolment.time} 次学习" if enrolment.time > 1 else "",
        ENGLISH: {"项目名称": course.title_en},
    }
    if papers:
        last = papers[-1]
        row[ENGLISH] = {"项目名称": course.title_en, "考试名称": last.quiz.title_en}
        row.update(
            {
                "考试名称": last.quiz.title,
                "成绩": float(percent(last.mark or Decimal(0), last.max_mark, last.pass_mark)),
                "合格线": float(last.pass_mark),
                "次数": len(papers),
                "是否合格": "是" if last.passed else "否",
            }
        )
    return row


def _class_row(attendance: Attendance, question: TrainingQuery) -> dict[str, Any]:
    session = attendance.session
    corrected = attendance.recorded_by_id != session.closed_by_id or attendance.recorded_at != session.closed_at
    reviewed = session.reviewed_at is not None and session.reviewed_at <= question.known_as_of
    row: dict[str, Any] = {
        FACT: session.pk,
        "项目名称": session.title,
        "类别": CATEGORIES.get(session.category, ""),
        "形式": FORMS[session.form],
        "主办部门": session.branch.name,
        ENGLISH: {"项目名称": session.title_en, "主办部门": session.branch.name_en},
        "讲师/提供方": session.lecturer,
        "开始": local_day(session.starts_at),
        "结束": local_day(session.ends_at),
        "地点": session.place,
        "学时": float(session.hours),
        "签到": _clock(attendance.signed_in_at),
        "签退": _clock(attendance.left_early_at),
        "学时认定": RECOGNITION[attendance.recognition],
        "佐证材料": f"签到记录（{HOW[attendance.signed_in_how]}）" if attendance.signed_in_how else "",
        "经办人": str((attendance.recorded_by if corrected else session.closed_by) or ""),
        "复核人": str(session.reviewed_by) if reviewed and not corrected else "",
        "备注": "；".join(
            part
            for part in (attendance.absence_reason and f"缺席：{attendance.absence_reason}", corrected and "登记后更正")
            if part
        ),
    }
    if session.scored:
        score = attendance.score
        if session.title_en:
            row[ENGLISH]["考试名称"] = f"{session.title_en} (test)"
        row.update(
            {
                "考试名称": f"{session.title}测试",
                "成绩": "" if score is None else float(score),
                "合格线": float(session.pass_score),
                "次数": "" if score is None else 1,
                "是否合格": "" if score is None else "是" if score >= session.pass_score else "否",
            }
        )
    return row


def _entry_row(hour_entry: HourEntry, question: TrainingQuery) -> dict[str, Any]:
    reviewed = hour_entry.reviewed_at is not None and hour_entry.reviewed_at <= question.known_as_of
    notes = [
        f"计入 {hour_entry.year} 年度" if hour_entry.year != hour_entry.last_day.year else "",
        "更正" if hour_entry.corrects_id else "",
    ]
    return {
        "项目名称": hour_entry.title,
        ENGLISH: {"项目名称": hour_entry.title_en},
        "类别": CATEGORIES.get(hour_entry.category, ""),
        "讲师/提供方": hour_entry.provider,
        "开始": hour_entry.effective_from,
        "结束": hour_entry.effective_until,
        "学时": float(hour_entry.hours),
        "学时认定": "是",
        "佐证材料": hour_entry.evidence,
        "经办人": str(hour_entry.recorded_by or ""),
        "复核人": str(hour_entry.reviewed_by) if reviewed else "",
        "备注": "；".join(note for note in notes if note),
    }


def _clock(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""


class _Facts:
    """Where each person worked and which level they held, read for a page of rows at once."""

    def __init__(self, question: TrainingQuery, people: set[int]) -> None:
        known = question.known_as_of
        # The tree as it stood on the last day asked: the register is read by the branches of one day.
        self.tree = tree_on(question.until, known)
        self.postings: dict[int, list[Posting]] = {}
        rows = Posting.objects.known(known).filter(person__in=people, primary=True).select_related("position", "branch")
        for posting in rows.order_by("effective_from"):
            self.postings.setdefault(posting.person_id, []).append(posting)
        self.hired: dict[int, list[Employment]] = {}
        for job in Employment.objects.known(known).filter(person__in=people).order_by("effective_from"):
            self.hired.setdefault(job.person_id, []).append(job)
        self.levels: dict[int, str] = {}
        for held in sorted(levels_held(people, question.until, known), key=lambda level: level.rank or 0):
            self.levels[held.person_id] = held.name

    def of(self, person: User, day: date) -> dict[str, Any]:
        posting = next(
            (posting for posting in reversed(self.postings.get(person.pk, [])) if posting.is_effective(day)), None
        )
        chain = {branch.kind: branch for branch in self.tree.chain(posting.branch_id if posting else None)}
        job = next(
            (employment for employment in reversed(self.hired.get(person.pk, [])) if employment.effective_from <= day),
            None,
        )
        first = chain.get(BranchKind.FIRST_LEVEL)
        # Whoever sits in a branch itself stands there: in no outlet, but not nowhere.
        outlet = next((chain[kind] for kind in PLACES if kind in chain), None)
        own, department = posting.department if posting else "", chain.get(BranchKind.DEPARTMENT)
        english = {"一级分行": first and first.name_en, "支行/网点": outlet and outlet.name_en}
        english |= {
            "部门": department.name_en if department and not own else "",
            "岗位": posting.position.name_en if posting else "",
        }
        return {
            "工号": person.staff_number,
            "姓名": person.display_name,
            ENGLISH: {name: said for name, said in english.items() if said},
            "一级分行": first.name if first else "",
            "支行/网点": outlet.name if outlet else "",
            "部门": own or (department.name if department else ""),
            "岗位": posting.position.name if posting else "",
            "资格等级": self.levels.get(person.pk, ""),
            "入职日期": job.effective_from if job else "",
        }
