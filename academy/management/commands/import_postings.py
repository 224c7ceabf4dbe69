"""Imports postings."""

from academy.importing.command import ImportCommand


class Command(ImportCommand):
    help = "Imports postings from CSV or XLSX. With errors nothing is written and the exit status is 1."
    kind = "postings"
