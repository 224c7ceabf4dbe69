"""Imports the tree of branches."""

from academy.importing.command import ImportCommand


class Command(ImportCommand):
    help = "Imports the tree of branches from CSV or XLSX. With errors nothing is written and the exit status is 1."
    kind = "branches"
