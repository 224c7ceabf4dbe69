"""Staff by the thousand, for tests of what a page costs in a large bank."""

from django.db import connection

from academy.models import Employment, Posting, User
from courses.models import Enrolment

SERIES = "WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < %s)"


def crowd(count: int, *, like: User) -> None:
    """So many like one of the staff, with the same posts and courses, written inside the database."""
    with connection.cursor() as cursor:
        columns, values = _columns(User, staff_number="'9' || (100000 + n)", display_name="'员工' || n")
        cursor.execute(
            f"{SERIES} INSERT INTO academy_user ({columns}) SELECT {values} FROM academy_user AS one, series WHERE one.id = %s",
            [count, like.pk],
        )
        for model, whose in ((Employment, "person_id"), (Posting, "person_id"), (Enrolment, "learner_id")):
            columns, values = _columns(model, **{whose: "other.id"})
            cursor.execute(
                f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {values} FROM {model._meta.db_table} AS one, "
                f"academy_user AS other WHERE one.{whose} = %s AND other.staff_number LIKE %s",
                [like.pk, "9______"],
            )
        cursor.execute("ANALYZE")


def _columns(model, **changed: str) -> tuple[str, str]:
    names = [field.column for field in model._meta.local_concrete_fields if not field.primary_key]
    return ", ".join(f'"{name}"' for name in names), ", ".join(changed.get(name, f'one."{name}"') for name in names)
