"""Imports appointments."""

from academy.importing.command import ImportCommand


class Command(ImportCommand):
    help = "Imports appointments from CSV or XLSX. With errors nothing is written and the exit status is 1."
    kind = "appointments"
