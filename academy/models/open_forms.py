"""Forms of the admin that stand open in somebody's browser."""

from django.conf import settings
from django.db import models


class OpenForm(models.Model):
    """One form of a page or snippet as it stands open, and what was saved of it so far.

    Of the same form may come several savings at once: those it does by itself while one types, and the one that a button
    does. The row is their queue, and knows what the browser may not have heard yet.
    """

    key = models.CharField(max_length=32)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # What was made or edited: "app.model" and its key, both empty before the first saving.
    about = models.CharField(max_length=100, blank=True)
    object_key = models.CharField(max_length=40, blank=True)
    revision = models.BigIntegerField(null=True)
    # The browser numbers what it sends.
    turn = models.PositiveIntegerField(default=0)
    # What the form is to put into its fields, such as the keys of rows that were made: {name: value}.
    fields = models.JSONField(default=dict)
    # A button was pressed and its saving done: what this form still saves by itself is older.
    done = models.BooleanField(default=False)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="one_open_form_a_person_and_key")]

    def __str__(self) -> str:
        return f"{self.about or 'new'} {self.object_key}"
