"""Imports training hours."""

from academy.importing.command import ImportCommand


class Command(ImportCommand):
    help = "Imports training hours from CSV or XLSX. With errors nothing is written and the exit status is 1."
    kind = "hours"
