"""Everything that must stand before the academy is served; what stood already is seen by its digest and takes no time."""

import hashlib
import io
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.utils import timezone

from academy.operations import prepared
from academy.operations.health import pending_migrations
from academy.operations.migrating import takes_over
from academy.operations.settling import settled
from certificates.curriculum.loading import load_starter_tracks
from certificates.demo.certifications import load_demo
from courses.models import StarterRecord
from courses.starter import load_starter_courses

FLOORS = ("academy", "quizzes", "courses", "certificates")
# What the loads are made of, by the names of folders and files: their texts, their code, the shape of what they write.
CURRICULUM = {"curriculum", "starter", "migrations"}
DEMO = CURRICULUM | {"demo"}


class Command(BaseCommand):
    help = "Migrates, collects static files, loads the starter curriculum and, with DEBUG=1, the demo. Idempotent."
    # The web server that follows does not run them either; ``check --deploy`` is an operator's to run.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        greeting = io.StringIO()
        is_taken_over = takes_over(connection)
        if (count := pending_migrations()) or is_taken_over:
            steps = f"{count} steps" if count else "names only"
            self._say(f"Migrating the database: {steps}.")
            call_command("migrate", verbosity=0, interactive=False)
        if not settings.DEBUG:
            self._collect_static()
        if _is_new("prepared: curriculum", digest := _digest_of(CURRICULUM)):
            self._say("Loading the starter curriculum.")
            with settled():
                now = timezone.now()
                lines = [*load_starter_courses(now=now), *load_starter_tracks(now=now)]
            alone = [line for line in lines if "left alone" in line]
            for line in alone[:5]:
                self._say(f"  {line}")
            if len(alone) > 5:
                self._say(f"  and {len(alone) - 5} more; load_starter_curriculum names each.")
            _keep("prepared: curriculum", digest)
        if settings.DEMO:
            if _is_new("prepared: demo", digest := _digest_of(DEMO)):
                self._say("Loading the demo bank.")
                with settled():
                    said = load_demo(now=timezone.now())
                self._say(f"  {said}")
                _keep("prepared: demo", digest)
            call_command("demo_logins", stdout=greeting)
        self.stdout.write(greeting.getvalue(), ending="")
        # The next start finds it before Django is loaded.
        with connection.cursor() as cursor:
            cursor.execute(prepared.MIGRATIONS)
            applied = cursor.fetchone()
        _keep(prepared.NAME, prepared.keep(greeting.getvalue(), applied))

    def _collect_static(self) -> None:
        mark = settings.STATIC_ROOT / ".prepared"
        found = hashlib.sha256(str(settings.STATIC_URL).encode())
        for finder in get_finders():
            for path, storage in finder.list([]):
                stat = Path(storage.path(path)).stat()
                found.update(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
        if mark.exists() and mark.read_text() == found.hexdigest():
            return
        self._say("Collecting static files.")
        call_command("collectstatic", interactive=False, verbosity=0, stdout=io.StringIO())
        mark.write_text(found.hexdigest())

    def _say(self, line: str) -> None:
        self.stderr.write(line)
        self.stderr.flush()


def _digest_of(names: set[str]) -> str:
    found = hashlib.sha256()
    for floor in FLOORS:
        for path in sorted((settings.BASE_DIR / floor).rglob("*")):
            inside = path.relative_to(settings.BASE_DIR)
            # demo_posts.py is the demo's as demo/posts.py is.
            if (
                path.suffix != ".pyc"
                and path.is_file()
                and names & {re.split(r"[._]", part)[0] for part in inside.parts}
            ):
                found.update(f"{inside}\0".encode() + path.read_bytes())
    return found.hexdigest()


def _is_new(name: str, digest: str) -> bool:
    return not StarterRecord.objects.filter(path=name, file_digest=digest).exists()


def _keep(name: str, digest: str) -> None:
    StarterRecord.objects.update_or_create(path=name, defaults={"file_digest": digest, "content_digest": ""})
