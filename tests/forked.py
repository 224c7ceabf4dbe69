"""Runs code and commands in copies of one process in which Django is set up: each start would import the academy anew.

Reads a line of JSON for each, and answers with its exit code. What a copy prints goes to the files that are named.
"""

import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    import django
    from django.core.management import execute_from_command_line

    django.setup()
    # What ends the terminal's run ends this one by the end of what it reads.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(asked)
            if asked["code"] is None:
                execute_from_command_line(sys.argv)
            else:
                exec(compile(asked["code"], "<asked>", "exec"), {"__name__": "__main__"})
            return
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def _become(asked: dict[str, Any]) -> None:
    """The copy is to its code what a fresh process is: its words, its output, and how large a file it may write."""
    for descriptor, name in ((1, asked["output"]), (2, asked["errors"])):
        with Path(name).open("wb") as file:
            os.dup2(file.fileno(), descriptor)
    if (largest := asked["largest_file"]) is not None:
        # What is compiled meanwhile would be cut short as well, for whoever comes next.
        sys.dont_write_bytecode = True
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    sys.argv = asked["argv"]


if __name__ == "__main__":
    main()
