"""Rows of a file that give the number of somebody who stands here another name: whether the same person is meant."""

from academy.models import ImportLine, ImportRun
from academy.requests.signed_in import SignedInRequest

# So many renamed people are asked about one by one; more only all at once.
ASKED_ONE_BY_ONE = 50


def renamed_lines(import_run: ImportRun) -> list[ImportLine]:
    """The first rows that give a standing person another name: confirmed one by one, or with all the others."""
    places = {(part, row) for part, row in import_run.counts.get("renamed", ())[:ASKED_ONE_BY_ONE]}
    if not places:
        return []
    lines = import_run.lines.filter(outcome__in=(ImportLine.Outcome.CHANGED, ImportLine.Outcome.LEFT))
    return [line for line in lines.filter(row__in={row for _part, row in places}) if (line.part, line.row) in places]


def renaming_is_meant(request: SignedInRequest, import_run: ImportRun) -> bool:
    """Every row was ticked, or all of them at once."""
    asked = import_run.counts.get("renamed", ())
    if not asked or request.POST.get("renamed_all") == "1":
        return True
    ticked = set(request.POST.getlist("renamed"))
    return len(asked) <= ASKED_ONE_BY_ONE and all(f"{part}-{row}" in ticked for part, row in asked)
