"""Arithmetic on dates that each database spells in its own way."""

from typing import Any

from django.db.models import DateField, Func


class DaysAfter(Func):
    """``DaysAfter("valid_through", "grace_days")``: the date so many days after another, the number from a column."""

    arity = 2
    template = "(%(expressions)s)"
    arg_joiner = " + "
    output_field = DateField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="date(%(expressions)s || ' days')", arg_joiner=", ", **extra)
