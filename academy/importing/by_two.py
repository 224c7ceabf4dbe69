"""Files whose rows count at once, as levels from before this academy do: one person checks and proposes, another lets them in."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.decisions.four_eyes import propose, register_proposal
from academy.errors.refusals import RuleViolation
from academy.importing.kinds import FILE_KINDS
from academy.importing.runs import IMPORT_ROLES, confirm_refusal, confirm_run
from academy.models import ImportLine, ImportRun, Proposal, User

# So many people are named in one proposal; a longer list comes in parts.
MOST_PEOPLE = 5_000


def waiting_proposal(run: ImportRun) -> Proposal | None:
    """The proposal by which the checked file waits for a second person."""
    waiting = Proposal.objects.filter(action=IMPORT, state=Proposal.State.WAITING)
    return waiting.filter(facts__run=str(run.uuid)).first()


@transaction.atomic
def propose_import(*, run: ImportRun, quiet: bool, reason: str, actor: User, now: datetime) -> Proposal:
    """Proposes to write a checked file; it is begun at once where nobody else could decide. Raises ``RuleViolation``."""
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    refusal = confirm_refusal(run)
    if refusal:
        raise RuleViolation(refusal)
    if waiting_proposal(run) is not None:
        raise RuleViolation(_("It waits for a second person already."))
    numbers = run.lines.filter(outcome=ImportLine.Outcome.NEW).values("key")
    people = list(User.objects.filter(staff_number__in=numbers)[: MOST_PEOPLE + 1])
    if len(people) > MOST_PEOPLE:
        raise RuleViolation(_("No more than %(count)s people at once. Split the file.") % {"count": MOST_PEOPLE})
    facts = {
        "run": str(run.uuid),
        "file": run.file_name,
        "digest": run.digest,
        "rows": run.counts.get("new", 0),
        "quiet": quiet,
    }
    said = reason or str(FILE_KINDS[run.kind].label)
    return propose(action=IMPORT, people=people, facts=facts, reason=said, actor=actor, now=now)


def _carry_out(*, proposal: Proposal, actor: User, now: datetime) -> None:
    run = ImportRun.objects.filter(uuid=proposal.facts["run"]).first()
    if run is None or run.digest != proposal.facts["digest"]:
        raise RuleViolation(_("The file was given up or changed meanwhile. Propose it again."))
    if not confirm_run(run=run, now=now, quiet=proposal.facts["quiet"]):
        raise RuleViolation(
            _("Something else was imported since the check. The file has to be checked and proposed again.")
        )


def _describe(proposal: Proposal) -> list[tuple[Any, Any]]:
    facts = proposal.facts
    return [(_("File"), facts["file"]), (_("Rows to be written"), facts["rows"]), ("SHA-256", facts["digest"])]


IMPORT = register_proposal(
    "academy.import_by_two",
    label=gettext_lazy("Import what counts at once"),
    carry_out=_carry_out,
    describe=_describe,
    undone_by=None,
    roles=IMPORT_ROLES,
)
