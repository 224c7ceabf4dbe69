"""Imports the list of staff."""

from academy.importing.command import ImportCommand


class Command(ImportCommand):
    help = "Imports the list of staff from CSV or XLSX. With errors nothing is written and the exit status is 1."
    kind = "staff"
