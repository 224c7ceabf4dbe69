"""Questions to many people and branches, named for the screens they serve."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q


class BranchQuerySet[Row: models.Model](models.QuerySet[Row]):
    """Branches of today's tree."""

    def below(self, branches) -> Self:
        """The given branches and everything under them."""
        condition = Q(pk__in=[])
        for branch in branches:
            condition |= Q(path__startswith=branch.path)
        return self.filter(condition)


class UserQuerySet[Row: models.Model](models.QuerySet[Row]):
    """People."""

    def posted_below(self, branches, on: date) -> Self:
        """People with any posting on ``on`` in the given branches or under them."""
        from academy.models import Branch, Posting

        within = Branch.objects.below(branches).values("pk")
        postings = Posting.objects.current().effective(on).filter(person=OuterRef("pk"), branch__in=within)
        return self.filter(Exists(postings))

    def employed(self, on: date) -> Self:
        from academy.models import Employment

        return self.filter(Exists(Employment.objects.current().effective(on).filter(person=OuterRef("pk"))))

    def who_left(self, on: date) -> Self:
        """People whose every known employment ended before ``on``; nobody of whom none is known."""
        from academy.models import Employment

        known = Employment.objects.current().filter(person=OuterRef("pk"))
        return self.filter(Exists(known), ~Exists(known.filter(Q(effective_until=None) | Q(effective_until__gte=on))))
