"""HR's listings of people, measured in a process of their own: literal queries and time, and the index that serves each."""

import re
import sys
import time
from pathlib import Path

import django

ADDRESSES = ("/cms/users/", "/cms/users/?branch={branch}", "/cms/users/?q=00000042", "/cms/users/?state=employed")
# The quickest of so many: on a busy machine the others measure the neighbours.
ROUNDS = 9


def listing(count: str, folder: str) -> None:
    """With a count, that many staff are imported first."""
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from academy.models import Branch, User
    from tests.bench.bank import STAFF_HEADINGS, branch_rows, staff_rows, write_csv

    if int(count):
        file = write_csv(Path(folder) / "few.csv", STAFF_HEADINGS, staff_rows(int(count), branch_rows(10)))
        call_command("import_staff", str(file), stdout=sys.stderr)
    administrator, _new = User.objects.get_or_create(
        staff_number="900001", defaults={"display_name": "康乃文", "is_superuser": True, "password": "!"}
    )
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(administrator)
    branch = Branch.objects.order_by("path").last()
    for address in ADDRESSES:
        url = address.format(branch=branch.pk if branch else "")
        seconds = []
        queries = 0
        for _ in range(ROUNDS):
            start = time.perf_counter()
            with CaptureQueriesContext(connection) as captured:
                response = client.get(url)
            assert response.status_code == 200, (url, response.status_code)
            seconds.append(time.perf_counter() - start)
            queries = len(captured)
        print(f"{address} {queries} {min(seconds) * 1000:.1f}")


def indexes() -> None:
    """Which index the database takes for what a screen asks."""
    from django.db import connection
    from django.utils import timezone

    from academy.models import Branch, Posting, User

    today = timezone.localdate()
    branch = Branch.objects.order_by("path").last()
    person = User.objects.order_by("pk").last()
    asked = {
        "people, by staff number": User.objects.order_by("staff_number")[:50],
        "people of a branch": User.objects.posted_below([branch], today).order_by("staff_number")[:50],
        "one person's postings": Posting.objects.current().filter(person=person),
        "a line manager's team": Posting.objects.current().effective(today).filter(manager=person),
    }
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        for screen, queryset in asked.items():
            plan = queryset.explain()
            names = sorted(set(re.findall(r"(?:using|Index Scan on|Only Scan using) (\w+)", plan)))
            print(f"index for {screen}: {', '.join(names) or 'none'}")


if __name__ == "__main__":
    django.setup()
    {"listing": listing, "indexes": indexes}[sys.argv[1]](*sys.argv[2:])
