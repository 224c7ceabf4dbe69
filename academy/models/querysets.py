"""Questions to many people and branches, named for the screens they serve."""

from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef, Q


class BranchQuerySet(models.QuerySet):
    """Branches of today's tree."""

    def below(self, branches) -> "BranchQuerySet":
        """The given branches and everything under them."""
        condition = Q(pk__in=[])
        for branch in branches:
            condition |= Q(path__startswith=branch.path)
        return self.filter(condition)


class UserQuerySet(models.QuerySet):
    """People."""

    def posted_below(self, branches, on: date) -> "UserQuerySet":
        """People with any posting on ``on`` in the given branches or under them."""
        from academy.models import Branch, Posting

        within = Branch.objects.below(branches).values("pk")
        postings = Posting.objects.current().effective(on).filter(person=OuterRef("pk"), branch__in=within)
        return self.filter(Exists(postings))

    def employed(self, on: date) -> "UserQuerySet":
        from academy.models import Employment

        return self.filter(Exists(Employment.objects.current().effective(on).filter(person=OuterRef("pk"))))
