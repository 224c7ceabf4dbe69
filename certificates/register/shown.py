"""The register on the screen: the database says status and branch of each row, and a page is three queries.

``rows_of_certificates`` gives the workbook all of its columns and reads ten tables for it; a test holds the two together.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypedDict, cast

from django.db.models import Exists, OuterRef
from django.db.models.query import QuerySet

from academy.models import Leave, User
from academy.staff.branches import PlacedBranch, Tree
from academy.staff.leaves import leaves_of
from academy.staff.posted import last_branch, last_position
from certificates.models import Certificate, Certification
from certificates.models.querysets import extension_of
from certificates.register.rows import RegisterQuery, certificates_asked
from certificates.register.status_rows import with_status
from certificates.rules.statuses import Status, status_words
from certificates.validity import Span, last_day_of

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Shown(TypedDict):
    """What the database says of a certificate beside its own columns."""

    status: str
    branch_of_day: int | None
    position_of_day: str | None
    was_away: bool
    extended: date | None


@dataclass(frozen=True)
class ShownRow:
    """One certificate as the screen shows it; of one that was changed past the rules, nothing of the changed text."""

    certificate: Certificate
    status: Status
    through: date
    branch: PlacedBranch | None
    position: str
    altered: bool
    # The status in words, with whether it expires soon.
    said: str
    # The numbers of the documents that this one replaced, the newest first.
    earlier: tuple[str, ...] = ()

    @property
    def holder_name(self) -> str:
        return self.certificate.person.display_name if self.altered else self.certificate.snapshot["holder_name"]

    @property
    def now_called(self) -> str:
        """Who is called otherwise by now, or has another number: one person may stand under several. '' for nobody else."""
        holder = self.certificate.person
        same = (holder.display_name, holder.staff_number) == (self.holder_name, self.staff_number)
        return "" if same or self.altered or self.certificate.erased_at is not None else str(holder)

    @property
    def staff_number(self) -> str:
        return self.certificate.person.staff_number if self.altered else self.certificate.snapshot["staff_number"]


def certificates_shown(
    question: RegisterQuery, people: QuerySet[User], tree: Tree
) -> "QuerySet[WithAnnotations[Certificate, Shown]]":
    """The certificates asked for, each with its status, branch and position of the day."""
    day, known = question.as_of, question.known_as_of
    found = certificates_asked(question, people, tree)
    if not question.status:
        found = with_status(found, day, known)
    shown = found.annotate(
        branch_of_day=last_branch(day, known),
        position_of_day=last_position(day, known),
        extended=extension_of(Certification, "certification", known, day),
        was_away=Exists(Leave.objects.known(known).filter(person=OuterRef("person"))),
    )
    return cast("QuerySet[WithAnnotations[Certificate, Shown]]", shown)


def rows_shown(
    question: RegisterQuery, certificates: "Sequence[WithAnnotations[Certificate, Shown]]", tree: Tree
) -> list[ShownRow]:
    """Rows of a page. One query more where somebody of it was ever on leave, one where a document replaced another."""
    away = {certificate.person_id for certificate in certificates if certificate.was_away}
    leaves = leaves_of(away, question.known_as_of) if away else {}
    earlier = _replaced_by_each(certificates)
    through = {
        certificate.pk: _last_day(certificate, leaves.get(certificate.person_id, ()), question.as_of)
        for certificate in certificates
    }
    return [
        ShownRow(
            certificate=certificate,
            earlier=tuple(earlier.get(certificate.pk, ())),
            status=Status(certificate.status),
            through=through[certificate.pk],
            said=status_words(Status(certificate.status), through[certificate.pk], question.as_of),
            branch=tree.branches.get(certificate.branch_of_day) if certificate.branch_of_day else None,
            position=certificate.position_of_day or "",
            altered=certificate.is_altered,
        )
        for certificate in certificates
    ]


def _replaced_by_each(certificates: "Sequence[WithAnnotations[Certificate, Shown]]") -> dict[int, list[str]]:
    """By document, the numbers of all that it replaced, the newest first."""
    replacing = [one for one in certificates if one.supersedes_id]
    if not replacing:
        return {}
    documents: dict[int, list[tuple[int, str]]] = defaultdict(list)
    of_these = Certificate.objects.filter(certification__in={one.certification_id for one in replacing})
    for pk, certification, serial in of_these.order_by("-pk").values_list("pk", "certification", "serial"):
        documents[certification].append((pk, serial))
    return {one.pk: [serial for pk, serial in documents[one.certification_id] if pk < one.pk] for one in replacing}


def _last_day(certificate: "WithAnnotations[Certificate, Shown]", leaves: Sequence[Span], on: date) -> date:
    """As it was known: the extension fetched with the row is that of the moment asked."""
    vars(certificate.certification)["extended"] = certificate.extended
    ended = Status(certificate.status) in (Status.REVOKED, Status.ENDED)
    ended_on = certificate.certification.ending.effective_on if ended else None
    return last_day_of(certificate.certification, leaves, on, ended_on=ended_on)
