"""The starter curriculum: readable files, loaded through the importers that trainers use.

Idempotent. A file that changed is loaded again; what a trainer has edited since is left alone and reported.
"""

from courses.starter.loading import load_starter_courses

__all__ = ["load_starter_courses"]
