"""Choice groups as people read them: one requirement, "so many of these", with its members. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from certificates.rules.standing import Judged


@dataclass(frozen=True)
class Choice:
    """The requirements of one choice group in one phase, of which ``needs`` are asked, no matter which."""

    needs: int
    members: tuple[Judged, ...]

    @property
    def done(self) -> int:
        return sum(line.met for line in self.members)

    @property
    def met(self) -> bool:
        return self.done >= self.needs

    @property
    def common(self) -> Judged | None:
        """One of those not met where all of them lack the same and wait for the same person: then it is said once."""
        lacking = [line for line in self.members if not line.met]
        said = {(str(line.missing), line.actor) for line in lacking}
        return lacking[0] if len(lacking) > 1 and len(said) == 1 else None


type Point = Judged | Choice


def points_of(lines: Iterable[Judged]) -> list[Point]:
    """Each line that is asked by itself, and each choice group once, where its first member stands. A group of which one
    line is asked, as another purpose asks the others, is that line."""
    groups: dict[tuple[str, str], list[Judged]] = {}
    for line in lines:
        # What is asked by itself is a group of its own.
        key = (line.asked.phase, line.asked.group) if line.asked.group else (line.asked.phase, f"\0{line.asked.pk}")
        groups.setdefault(key, []).append(line)
    return [
        members[0] if len(members) == 1 else Choice(members[0].asked.group_needs, tuple(members))
        for members in groups.values()
    ]
