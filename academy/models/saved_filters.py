"""What people look for in a listing again and again, under a name."""

from django.conf import settings
from django.db import models


class SavedFilter(models.Model):
    """What one person asks of a listing. A shared one is offered to everybody who opens that listing; it shows each what
    they may see there.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # The name of the listing's address.
    listing = models.CharField(max_length=100)
    name = models.CharField(max_length=40)
    # What stands behind the address, sorted by the names of its parts.
    query = models.CharField(max_length=1000)
    is_shared = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "listing", "name"], name="one_saved_filter_a_name"),
        ]
        indexes = [models.Index(fields=["listing", "owner"], name="saved_filters_of_a_listing")]

    def __str__(self) -> str:
        return self.name
