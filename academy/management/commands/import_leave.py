"""Imports leave."""

from academy.importing.command import ImportCommand


class Command(ImportCommand):
    help = "Imports leave from CSV or XLSX. With errors nothing is written and the exit status is 1."
    kind = "leave"
