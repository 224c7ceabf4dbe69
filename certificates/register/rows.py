"""证书台账: one row a certificate, as of a day and as known at a moment. The same question gives the same rows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import batched
from typing import Any

from django.db.models import Q
from django.db.models.query import QuerySet

from academy.calendar.clock import local_day
from academy.dates.leave_effects import is_on_leave
from academy.models import BranchKind, Employment, Posting, User
from academy.models.levels import by_rank
from academy.staff.branches import Tree, tree_on
from academy.staff.finding import named_by
from academy.staff.leaves import leaves_of
from academy.staff.posted import begun_postings, last_branch
from certificates.award.candidates import posts_by_ladder
from certificates.models import Appointment, Certificate, Certification, Requirement
from certificates.register.columns import COLUMNS, LINES, STAFF_TYPES, STATUSES, WAYS_OF_AWARD
from certificates.register.cycle_hours import cycle_hours
from certificates.register.decided import award_lists_of, decisions_of, said_of
from certificates.register.status_rows import replaced_by, with_status
from certificates.rules.decided import WAIVE
from certificates.rules.spans import span_from
from certificates.rules.statuses import ENDING, HOLDING, Status, ends_soon, status_on, status_words
from certificates.validity import moved_ends
from quizzes.grading.marks import percent
from quizzes.models import Attempt

# What a row reads of its certificate; whoever hands certificates to ``rows_of_certificates`` fetches these with them.
RELATED = (
    "person",
    "certification__track__level",
    "certification__branch",
    "certification__ending__recorded_by",
    "certification__recorded_by",
    "certification__application__round",
    "issued_by",
    "supersedes",
    "superseded_by",
)


@dataclass(frozen=True)
class RegisterQuery:
    """What a register is asked: filters, the day it speaks of, and the moment of knowledge."""

    as_of: date
    known_as_of: datetime
    track: str = ""
    level: str = ""
    branch: str = ""
    status: str = ""
    expiring_within: int | None = None
    search: str = ""
    # Certificates that were ticked, by key; none where all that fit are asked for.
    ticked: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "as_of": self.as_of.isoformat(),
            "known_as_of": self.known_as_of.isoformat(),
            **{
                name: getattr(self, name)
                for name in ("track", "level", "branch", "status", "expiring_within", "search")
            },
            **({"ticked": list(self.ticked)} if self.ticked else {}),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "RegisterQuery":
        return cls(
            **{
                **data,
                "as_of": date.fromisoformat(data["as_of"]),
                "known_as_of": datetime.fromisoformat(data["known_as_of"]),
                "ticked": tuple(data.get("ticked", ())),
            }
        )


ALTERED = "数据库记录与签发时不符，不予采信"


@dataclass(frozen=True)
class RegisterRow:
    """One certificate with all that the register says of it. ``through`` is the last valid day, leave counted in.

    ``altered``: what is stored of it is not as it was issued. It names whom it belongs to, and nothing of the altered text.
    """

    certificate: Certificate
    status: Status
    through: date
    posting: Posting | None
    values: dict[str, Any]
    altered: bool = False
    # The status in words, with whether it expires soon.
    said: str = ""
    # From which day it is void because the holder left the bank.
    void_from: date | None = None

    @property
    def misnames(self) -> bool:
        """Whether it stands and prints another name or staff number than the holder has now: it may be replaced by one that
        does not."""
        holder = self.certificate.person
        stands = self.status in (*HOLDING, Status.GRACE, Status.UPCOMING)
        named = (holder.display_name, holder.staff_number) == (self.holder_name, self.staff_number)
        return stands and not named and not self.altered and self.certificate.erased_at is None

    @property
    def holder_name(self) -> str:
        return self.values["姓名"]

    @property
    def staff_number(self) -> str:
        return self.values["工号"]

    @property
    def opens(self) -> date | None:
        """The first day of the renewal window, leave counted in."""
        return self.values["可续期时间"] or None


def certificates_asked(question: RegisterQuery, people: QuerySet, tree: Tree | None = None) -> QuerySet[Certificate]:
    """Certificates of the visible people, as known; the newest document of each certification, unless replaced ones are
    asked for. ``tree`` is that of the day asked, where it is at hand."""
    found = _documents(question, people, tree)
    if question.status != Status.REPLACED:
        found = found.exclude(replaced_by(question.as_of, question.known_as_of))
    if question.status or question.expiring_within is not None:
        found = _of_status(with_status(found, question.as_of, question.known_as_of), question)
    return found.select_related(*RELATED).order_by(*by_rank("certification__track__level"), "serial")


def replaced_ones(question: RegisterQuery, people: QuerySet) -> QuerySet[Certificate]:
    """Documents that fit as well and are not listed, for a newer one stands in their place. None where a status is asked."""
    found = _documents(question, people, None)
    if question.status or question.expiring_within is not None:
        return found.none()
    return found.filter(replaced_by(question.as_of, question.known_as_of))


def _documents(question: RegisterQuery, people: QuerySet, tree: Tree | None) -> QuerySet[Certificate]:
    """Those that stood or were replaced by the day asked, as known, and fit everything that is asked but the status."""
    known = question.known_as_of
    # A level holds from its first day, also where that was decided later: by then the first document stands for it. One that
    # replaces another stands from the day on which it was issued.
    standing = Q(issued_on__lte=question.as_of) | Q(supersedes=None, certification__valid_from__lte=question.as_of)
    issued = Certificate.objects.filter(standing, issued_at__lte=known)
    found = issued.filter(person__in=people)
    if question.ticked:
        found = found.filter(pk__in=question.ticked)
    if question.track:
        found = found.filter(certification__track__code=question.track)
    if question.level:
        found = found.filter(certification__track__level__code=question.level)
    if question.search:
        # Whoever holds a paper finds it by what it prints: also one that was replaced, in whose place the newer one stands.
        printed = (
            Q(serial__icontains=question.search)
            | Q(snapshot__staff_number__icontains=question.search)
            | Q(snapshot__holder_name__icontains=question.search)
        )
        found = found.filter(
            named_by(question.search, "person") | Q(certification__in=issued.filter(printed).values("certification"))
        )
    if question.branch:
        tree = tree or tree_on(question.as_of, known)
        below = [pk for pk in tree.branches if any(branch.code == question.branch for branch in tree.chain(pk))]
        found = found.annotate(branch_of_day=last_branch(question.as_of, known)).filter(branch_of_day__in=below)
    return found


def _of_status(rows: QuerySet, question: RegisterQuery) -> QuerySet:
    """Of rows with a status those of the status asked, and those that end as soon as was asked."""
    if question.status:
        rows = rows.filter(status=question.status)
    if question.expiring_within is not None:
        last = question.as_of + timedelta(days=question.expiring_within)
        rows = rows.filter(_expiring(question, last), status__in=ENDING)
    return rows


def _expiring(question: RegisterQuery, last: date) -> Q:
    """Last valid days from the day asked to ``last``; those that were moved are taken where they moved to."""
    standing = Certification.objects.known(question.known_as_of)
    moved = moved_ends(standing, question.as_of, ahead_days=question.expiring_within or 0, known=question.known_as_of)
    by_dates = Q(certification__valid_through__gte=question.as_of, certification__valid_through__lte=last)
    here = [pk for pk, through in moved.items() if question.as_of <= through <= last]
    return (by_dates & ~Q(certification__in=list(moved))) | Q(certification__in=here)


def every_row(question: RegisterQuery, people: QuerySet[User]) -> Iterator[RegisterRow]:
    """All rows, a batch in memory at a time."""
    tree, first = tree_on(question.as_of, question.known_as_of), 1
    asked = certificates_asked(question, people, tree)
    for batch in batched(asked.iterator(chunk_size=500), 500):
        rows = rows_of_certificates(question, batch, tree, first=first)
        _say_appointments(rows, question)
        yield from rows
        first += len(batch)


def _say_appointments(rows: Iterable[RegisterRow], question: RegisterQuery) -> None:
    """Who is appointed on the day, in the columns that only the workbook has. One query."""
    by_person: dict[int, list[RegisterRow]] = {}
    for row in rows:
        by_person.setdefault(row.certificate.person_id, []).append(row)
    found = Appointment.objects.known(question.known_as_of).effective(question.as_of).filter(person__in=by_person)
    for appointment in found.select_related("level").order_by(*by_rank(), "pk"):
        level, until = appointment.level, appointment.effective_until
        for row in by_person[appointment.person_id]:
            row.values["聘任等级"] = f"{level.name}（{level.code}）"
            row.values["聘任起止"] = f"{appointment.effective_from} – {until or '至今'}"


def rows_of_certificates(
    question: RegisterQuery, certificates: Iterable[Certificate], tree: Tree | None = None, *, first: int = 1
) -> list[RegisterRow]:
    """Rows of a batch of certificates: a constant number of queries. ``tree`` is that of the day, where it is at hand."""
    batch = list(certificates)
    people = {certificate.person_id for certificate in batch}
    day, known = question.as_of, question.known_as_of
    tree = tree or tree_on(day, known)
    postings: dict[int, Posting] = {}
    positions: dict[int, set[int]] = {}
    for posting in begun_postings(day, known).filter(person__in=people).select_related("position", "branch"):
        if posting.is_effective(day):
            positions.setdefault(posting.person_id, set()).add(posting.position_id)
        if posting.primary:
            postings[posting.person_id] = posting
    leaves, named = leaves_of(people, known), posts_by_ladder(day)
    jobs: dict[int, list[Employment]] = {}
    for job in Employment.objects.known(known).filter(person__in=people):
        jobs.setdefault(job.person_id, []).append(job)
    certifications: dict[int, list[Certification]] = {}
    for certification in (
        Certification.objects.known(known)
        .filter(person__in=people)
        .with_extension(known, day)
        .select_related("track__level", "ending")
    ):
        certifications.setdefault(certification.person_id, []).append(certification)
    # The exam of a row is the one that its own track asked for, in the version it was awarded by.
    asked: dict[int, set[int]] = {}
    versions = {certificate.certification.rule_version_id for certificate in batch}
    for version, quiz in Requirement.objects.filter(rule_version__in=versions - {None}, quiz__kind="exam").values_list(
        "rule_version", "quiz"
    ):
        asked.setdefault(version, set()).add(quiz)
    exams: dict[int, list[Attempt]] = {}
    finished = Attempt.objects.counting().filter(learner__in=people, quiz__kind="exam").select_related("quiz")
    for attempt in finished.order_by("finished_at"):
        exams.setdefault(attempt.learner_id, []).append(attempt)
    decided, lists = decisions_of(batch, known), award_lists_of(batch)
    rows = []
    for certificate in batch:
        mine = certifications.get(certificate.person_id, [])
        # As it was known then, with the extension that was known.
        asked_about = next((own for own in mine if own.pk == certificate.certification_id), certificate.certification)
        ending = getattr(certificate.certification, "ending", None)
        if ending is not None and (ending.recorded_at > known or ending.effective_on > day):
            # The register of a day says nothing of what happened after it.
            ending = None
        others = [
            own
            for own in mine
            if own.pk != certificate.certification_id
            and not (
                getattr(own, "ending", None) and own.ending.effective_on <= day and own.ending.recorded_at <= known
            )
        ]
        newer = getattr(certificate, "superseded_by", None)
        person = certificate.person_id
        away = leaves.get(person, [])
        span = span_from(
            asked_about,
            ending,
            others,
            jobs.get(person, []),
            day,
            away,
            replaced=newer is not None and newer.issued_on <= day and newer.issued_at <= known,
            on_leave=is_on_leave(away, day),
            in_post=not (posts := named.get(asked_about.track.level.ladder))
            or bool(posts & positions.get(person, set())),
        )
        status = status_on(span, day)
        post = postings.get(certificate.person_id)
        rows.append(
            RegisterRow(
                certificate,
                status,
                span.valid_through,
                post,
                _values(certificate, status, span, ending, post, tree, jobs, mine, exams, asked, day)
                | said_of(
                    certificate,
                    decided.get(certificate.certification_id, []),
                    lists,
                    (ALTERED,) if certificate.is_altered else (_moved(certificate.certification, span.valid_through),),
                    day=day,
                    ending=ending,
                ),
                certificate.is_altered,
                status_words(status, span.valid_through, day),
                span.void_from(status),
            )
        )
    hours = cycle_hours(batch, day, known, positions)
    for number, row in enumerate(rows, first):
        asked_hours, done_hours = hours[row.certificate.pk]
        row.values["序号"] = number
        row.values["周期应修学时"] = "" if asked_hours is None else float(asked_hours)
        row.values["已修学时"] = float(done_hours)
    return rows


def _values(certificate, status, span, ending, posting, tree, jobs, mine, exams, asked, day) -> dict[str, Any]:
    certification, snapshot, altered = certificate.certification, certificate.snapshot, certificate.is_altered
    branch_id = posting.branch_id if posting else None
    chain = {branch.kind: branch.name for branch in tree.chain(branch_id)}
    job = next((job for job in reversed(jobs.get(certificate.person_id, [])) if job.effective_from <= day), None)
    same = [own for own in mine if own.track.level_id == certification.track.level_id]
    quizzes = asked.get(certification.rule_version_id, set())
    taken = [
        attempt
        for attempt in exams.get(certificate.person_id, [])
        if attempt.quiz_id in quizzes and attempt.finished_at <= certification.recorded_at
    ]
    exam = taken[-1] if taken else None
    in_round = getattr(certification, "application", None)
    values: dict[str, Any] = dict.fromkeys(COLUMNS, "")
    values.update(
        {
            "工号": certificate.person.staff_number if altered else snapshot["staff_number"],
            "姓名": certificate.person.display_name if altered else snapshot["holder_name"],
            "一级分行": chain.get(BranchKind.FIRST_LEVEL, ""),
            "二级分行": chain.get(BranchKind.SECOND_LEVEL, ""),
            "支行": chain.get(BranchKind.SUB_BRANCH, ""),
            "网点": chain.get(BranchKind.OUTLET, ""),
            "机构号": posting.branch.code if posting else "",
            "部门": posting.department if posting else "",
            "岗位": posting.position.name if posting else "",
            "条线/序列": LINES.get(posting.position.line, "") if posting else "",
            "用工类型": STAFF_TYPES.get(job.staff_type, "") if job else "",
            "入职日期": job.effective_from if job else "",
            "任现岗日期": posting.post_began if posting else "",
            "认证项目": certification.track.name,
            "认证批次": in_round.round.name if in_round is not None else "",
            "资格等级": f"{certification.track.level.name}（{certification.track.level.code}）",
            "取得方式": "换发" if certificate.supersedes_id else WAYS_OF_AWARD[certification.kind],
            "首次取得日期": min((certificate.valid_from for certificate in same), default=certification.valid_from),
            "认证日期": certification.awarded_on,
            "发文文号": certification.document_number,
            "考试名称": exam.quiz.title if exam else "",
            "考试日期": local_day(exam.finished_at) if exam else "",
            "成绩": float(percent(exam.mark, exam.max_mark, exam.pass_mark)) if exam else "",
            "合格线": float(exam.pass_mark) if exam else "",
            "考试次数": len(taken) if exam else "",
            "实操考核结果": _observed(certification),
            "证书编号": certificate.serial,
            "原证书编号": certificate.supersedes.serial if certificate.supersedes else "",
            "发证日期": certificate.issued_on,
            "有效期起": certification.valid_from,
            "有效期至": span.valid_through,
            "可续期时间": span.renew_from or "",
            "截至日状态": STATUSES[status] + " · 临期" * ends_soon(status, span.valid_through, day),
            "撤销/失效日期": ending.effective_on if ending else "",
            "撤销/失效原因": ending.reason if ending else "",
        }
    )
    return values


def _observed(certification: Certification) -> str:
    """How the observed practices went that the certification was awarded for, as its evidence has it."""
    found = [fact for fact in certification.evidence if fact.get("kind") == "observation" and not fact.get("not_asked")]
    return "；".join("豁免" if fact.get("decided") == WAIVE else f"合格（{fact['on']}）" for fact in found)


def _moved(certification: Certification, through: date) -> str:
    """The document keeps its printed day; the register says that leave moved it."""
    printed = certification.valid_through
    return "" if through == printed else f"因休假顺延，证书所载有效期至 {printed.isoformat()}"


STATUS_CHOICES = [(status.value, status.label) for status in Status]
