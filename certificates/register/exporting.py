"""The ZIP that auditors ask for: PDFs, the register as a workbook, a manifest of hashes. Same question, same bytes."""

import os
import re
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from django.db import transaction
from django.db.models.query import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.jobs.carrying import JobKind, Work, ask, register_job
from academy.journal import newest_seal, record, register_action, seal_entries
from academy.models import Job, User
from academy.notices.inbox import notify, register_notice
from academy.spreadsheets import Column, Sheet, csv_file, csv_lines, meanings_of, write_workbook
from academy.staff.access import is_limited, people_visible_to
from certificates.document import storage
from certificates.document.alarms import raise_alarm
from certificates.document.issuing import render_document
from certificates.models import CertificateExport
from certificates.register.alarms import raise_alarms_of_rows
from certificates.register.checksum import Checksum
from certificates.register.columns import COLUMNS, MEANINGS, STATUSES
from certificates.register.rows import (
    RegisterQuery,
    RegisterRow,
    certificates_asked,
    every_row,
    replaced_ones,
)
from certificates.rules.statuses import Status

EXPORT = register_action("certificates.export", _("Certificates exported"))
EXPORT_READY = register_notice(
    "export_ready",
    title=_("Your export is ready"),
    text=_("Certificates packed: %(count)s. The file can be downloaded."),
    icon="download",
)
# A packed file can be packed anew from the same question at any time.
FILES_KEPT = timedelta(days=90)
# ZIP entries carry no clock: the same question gives the same bytes.
EPOCH = (1980, 1, 1, 0, 0, 0)
FORBIDDEN = re.compile(r'[_/\\:*?"<>|\x00-\x1f\x7f]')


def file_name(row: RegisterRow) -> str:
    """``<staff number>_<name>_<serial>.pdf``; the serial keeps two people of one name apart."""
    parts = [row.values["工号"], row.values["姓名"], row.certificate.serial]
    return "_".join(FORBIDDEN.sub("-", part) for part in parts) + ".pdf"


@transaction.atomic
def request_export(
    *, question: RegisterQuery, requested_by: User, now: datetime, once: str | None = None
) -> CertificateExport:
    """Queues an export and journals who asked for what."""
    job = ask(kind=PACKING, asked_by=requested_by, now=now, name=question.track or question.level, once=once)
    if (asked := CertificateExport.objects.filter(job=job).first()) is not None:
        return asked
    export = CertificateExport.objects.create(
        requested_by=requested_by,
        filters=question.to_json(),
        as_of=question.as_of,
        known_as_of=question.known_as_of,
        requested_at=now,
        job=job,
    )
    record(EXPORT, now=now, actor=requested_by, about=export, after=question.to_json())
    return export


def _pack(work: Work) -> dict[str, Any]:
    """Packs one export. A killed run starts again: what it rendered is stored by then."""
    export = work.row
    faults: list[Any] = []
    today = local_day(timezone.now())
    people, limited = people_visible_to(export.requested_by, today), is_limited(export.requested_by, today)
    with work.part.open("wb") as file:
        count = write_archive(
            target=file,
            question=RegisterQuery.from_json(export.filters),
            people=people,
            limited=limited,
            progress=work.progress,
            faults=faults,
        )
        file.flush()
        os.fsync(file.fileno())
    return {"count": count - len(faults), "left_out": len(faults)}


def _tell_ready(work: Work, now: datetime) -> None:
    notify(
        person=work.row.requested_by,
        kind=EXPORT_READY,
        event=f"export:{work.row.pk}",
        now=now,
        facts={"count": work.result["count"]},
        path=_page(work.job),
    )


def _page(job: Job) -> str:
    return reverse("register:export_progress", args=[job.certificates_certificateexport.uuid])


PACKING = register_job(
    JobKind(
        "certificates.export",
        label=_("Certificate export"),
        carry_out=_pack,
        model=CertificateExport,
        queue="exports",
        suffix=".zip",
        keep=lambda: FILES_KEPT,
        page=_page,
        ended=_tell_ready,
        told=lambda job: True,
    )
)


def write_archive(
    *,
    target: BinaryIO,
    question: RegisterQuery,
    people: QuerySet,
    limited: bool,
    progress: Callable[[int, int], None] = lambda done, total: None,
    faults: list[list[str]] | None = None,
) -> int:
    """Writes the ZIP; what is not stored yet is rendered. Returns how many rows. Memory does not grow with them.

    A stored document that is missing or altered is not packed: ``faults.csv`` names it, and so does ``faults``.
    """
    broken = [] if faults is None else faults
    now = timezone.now()
    seal_entries(now=now)
    asked = certificates_asked(question, people)
    total, checksum = asked.count(), Checksum()
    progress(0, total)
    with zipfile.ZipFile(target, "w") as archive, TemporaryDirectory() as folder:
        manifest = Path(folder) / "manifest.csv"
        with manifest.open("w", encoding="utf-8", newline="") as file:
            lines = csv_lines(
                _pack_documents(archive, every_row(question, people), checksum, broken, now, progress, total)
            )
            file.writelines(lines)
        book = Path(folder) / "register.xlsx"
        left_out = replaced_ones(question, people).count()
        write_register(book, every_row(question, people), question, limited, checksum, left_out)
        _put(archive, book, zipfile.ZIP_STORED)
        _put(archive, manifest, zipfile.ZIP_DEFLATED)
        if broken:
            named = csv_file([["serial", "staff_number", "sha256", "problem"], *broken])
            archive.writestr(_entry("faults.csv", zipfile.ZIP_DEFLATED), named)
    return checksum.count


def _pack_documents(
    archive: zipfile.ZipFile,
    rows: Iterable[RegisterRow],
    checksum: Checksum,
    broken: list[list[str]],
    now: datetime,
    progress: Callable[[int, int], None],
    total: int,
) -> Iterator[list[str]]:
    """Packs the document of each row; gives the lines of the manifest."""
    yield ["file", "sha256", "serial", "staff_number", "name"]
    for row in rows:
        checksum.add(row)
        raise_alarms_of_rows([row], now=now)
        digest, name = row.certificate.pdf_digest, ""
        try:
            # Of one that was erased the holder's name and file are gone; number and digest stay.
            if row.certificate.erased_at is None:
                digest = render_document(certificate=row.certificate, now=now)
                name = file_name(row)
                # PDFs are compressed already.
                archive.writestr(_entry(name, zipfile.ZIP_STORED), storage.read(digest))
        except storage.DocumentFault as fault:
            # What cannot be vouched for is named and not packed.
            name = ""
            raise_alarm(certificate=row.certificate, fault=fault, now=now)
            broken.append([row.certificate.serial, row.values["工号"], digest, fault.problem])
        yield [name, digest, row.certificate.serial, row.values["工号"], row.values["姓名"]]
        progress(checksum.count, total)


def _put(archive: zipfile.ZipFile, file: Path, compression: int) -> None:
    """A written file, block by block."""
    with archive.open(_entry(file.name, compression), "w") as entry, file.open("rb") as source:
        shutil.copyfileobj(source, entry)


def _entry(name: str, compression: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, EPOCH)
    info.compress_type = compression
    info.external_attr = 0o600 << 16
    return info


def _asked_in_words(question: RegisterQuery) -> str:
    within = question.expiring_within
    asked = [
        question.track and f"认证项目：{question.track}",
        question.level and f"资格等级：{question.level}",
        question.branch and f"机构及下级：{question.branch}",
        question.status and f"状态：{STATUSES[Status(question.status)]}",
        "" if within is None else f"{within} 天内到期",
        question.search and f"姓名、工号或证书编号含：{question.search}",
        question.ticked and f"勾选的证书 {len(question.ticked)} 本",
    ]
    return "；".join(part for part in asked if part) or "全部"


def _known_in_words(question: RegisterQuery) -> str:
    """By which facts the register speaks of a day that is not the one of its facts."""
    known_on = local_day(question.known_as_of)
    if question.as_of > known_on:
        return "（未到日期，按数据版本日所知推算）"
    return "（按数据版本日所知：事后认定、更正的，自其生效日计入）" if question.as_of < known_on else ""


def write_register(
    target: Path,
    rows: Iterable[RegisterRow],
    question: RegisterQuery,
    limited: bool,
    checksum: Checksum,
    left_out: int,
) -> None:
    """register.xlsx: what was asked, the rows, and what the columns mean. ``left_out``: so many documents fit and were
    replaced by one that is listed."""
    not_listed = f"已换发的旧证书 {left_out} 本，由换发后的证书代替；状态选“已换发”时列出" if left_out else "无"
    header = [
        ("标题", "证书台账"),
        ("截至日", question.as_of.isoformat() + _known_in_words(question)),
        ("数据版本日", question.known_as_of),
        ("查询条件", _asked_in_words(question)),
        ("查询范围是否受权限限制", "是" if limited else "否"),
        ("行数", checksum.count),
        ("未列入", not_listed),
        ("校验值", checksum.hexdigest()),
        ("封印", newest_seal(question.known_as_of)),
    ]
    columns = [Column(name, width=6 if name == "序号" else 14) for name in COLUMNS]
    write_workbook(
        target,
        Sheet("证书台账", columns, ([row.values[name] for name in COLUMNS] for row in rows), header, frozen=3),
        meanings_of(columns, MEANINGS, title="字段说明"),
    )
