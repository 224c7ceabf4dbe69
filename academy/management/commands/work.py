"""The worker: exports, imports, documents, notices and whatever else is put into the queue."""

from typing import Any

from django.core.management.base import CommandParser

from academy.operations.beats import WORKER, Heart
from academy.operations.ending import GRACE, Ending
from academy.operations.whole import WholeCommand
from academy.operations.worker import EnduringWorker


class Command(WholeCommand):
    help = "Carries out tasks until it is ended; --batch does what waits and returns."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--queues", default="*", help="Names parted by commas; * is all of them.")
        parser.add_argument("--interval", type=float, default=1.0, help="Seconds between two looks at an empty queue.")
        parser.add_argument("--batch", action="store_true")
        parser.add_argument("--grace", type=float, default=GRACE, help="Seconds for the task in hand after SIGTERM.")
        parser.add_argument(
            "--name", default="", help="Keeps its name over restarts, so that its work is found at once."
        )

    def handle(
        self, *args: Any, queues: str, interval: float, batch: bool, grace: float, name: str, **options: Any
    ) -> None:
        ending = Ending(grace)
        ending.listen()
        with Heart(WORKER, name) as heart:
            EnduringWorker(heart=heart, ending=ending, queues=queues.split(","), interval=interval, batch=batch).run()
