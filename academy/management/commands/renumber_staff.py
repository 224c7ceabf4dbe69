"""Gives new staff numbers for old ones."""

from academy.importing.command import ImportCommand


class Command(ImportCommand):
    help = "Gives new staff numbers for old ones from CSV or XLSX. With errors nothing is written and the exit status is 1."
    kind = "renumbering"
