"""The proof of the whole journal, asked for on a screen: what the command ``verify_journal`` does, as long work."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from academy.errors.refusals import RuleViolation
from academy.jobs.carrying import JobKind, Work, ask, register_job
from academy.journal import check_seal, prove_journal, record, register_action
from academy.models import Job, User
from academy.notices.inbox import notify, register_notice

PROVE = register_action("academy.prove_journal", _("Verification of the journal asked for"))
PROVEN = register_notice(
    "academy.journal_proven",
    title=_("The verification of the journal is done"),
    text=_("%(found)s findings among %(sealed)s sealed entries. See the verification."),
    icon="history",
)


def _prove(work: Work) -> dict[str, Any]:
    """Reads only, so that it begins anew where it is taken up again."""
    proof = prove_journal(expect=work.job.details["expect"])
    return {
        "findings": [finding.to_json() for finding in proof.findings],
        **proof.figures,
    }


def _tell(work: Work, now: datetime) -> None:
    if work.job.asked_by is not None:
        facts = {name: work.result[name] for name in ("found", "sealed")}
        event = f"job:{work.job.pk}"
        notify(person=work.job.asked_by, kind=PROVEN, event=event, now=now, facts=facts, path=_page(work.job))


def _page(job: Job) -> str:
    return reverse("journal:proof")


PROOF = register_job(
    JobKind(
        "academy.prove_journal",
        label=_("Verification of the journal"),
        carry_out=_prove,
        page=_page,
        ended=_tell,
        told=lambda job: True,
    )
)


def ask_for_proof(*, seal: str, asked_by: User, now: datetime) -> Job:
    """``seal`` is one that somebody kept, or ''. One proof at a time. Raises ``RuleViolation`` for what is no seal."""
    seal = seal.strip()
    if seal:
        try:
            check_seal(seal)
        except ValueError:
            raise RuleViolation(_t("This is no seal. Write it as it appears in the register: number:seal.")) from None
    going = Job.objects.filter(kind=PROOF, state__in=Job.GOING).first()
    if going is not None:
        raise RuleViolation(_t("The journal is being verified already."))
    job = ask(kind=PROOF, asked_by=asked_by, now=now, details={"expect": [seal] if seal else []})
    record(PROVE, now=now, actor=asked_by, about="journal", after={"expect": seal})
    return job


def proofs() -> tuple[Job | None, Job | None]:
    """The newest proof, whatever became of it, and the newest that came to its end. Two queries."""
    asked = Job.objects.filter(kind=PROOF).select_related("asked_by").order_by("-pk")
    return asked.first(), asked.filter(state=Job.State.DONE).first()
