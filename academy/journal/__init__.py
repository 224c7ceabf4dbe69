"""The journal: what was done, by whom and why, sealed into a chain that shows any later change.

``recording``  an entry, written in the act's own transaction
``marks``      by which the academy knows an entry that it recorded itself
``facts``      what an entry says of a row as it was written, by a digest
``coverage``   rows from before their kind had entries get one each, once
``sealing``    numbers and seals in order, by a key that has an id
``findings``   what a proof found, in the words of its reader
``proving``    the chain walked from its start, and the rows compared with their entries

What is told of entries that the academy did not record, and of the newest number and seal, stands in ``notices``.
"""

from academy.journal.facts import Fact, register_fact
from academy.journal.findings import Finding, in_words, is_about_kept_seal
from academy.journal.proving import BrokenLink, Proof, check_seal, find_broken_link, prove_journal
from academy.journal.recording import ACTIONS, Entry, record, record_many, register_action
from academy.journal.sealing import head_line, newest_seal, seal_entries

__all__ = [
    "ACTIONS",
    "BrokenLink",
    "Entry",
    "Fact",
    "Finding",
    "Proof",
    "check_seal",
    "find_broken_link",
    "head_line",
    "in_words",
    "is_about_kept_seal",
    "newest_seal",
    "prove_journal",
    "record",
    "record_many",
    "register_action",
    "register_fact",
    "seal_entries",
]
