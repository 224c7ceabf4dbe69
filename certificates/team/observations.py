"""The observed practices that people still need, for a level or a programme, and what of them is on its way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from academy.doors import ObservationAhead
from academy.models import User
from certificates.rules.ladder import Rung, ladders_of
from courses.models import ProgrammeStep
from courses.programmes.plan import LATE, LATER, NOW
from courses.programmes.stands import OwnProgramme, programmes_of
from quizzes.models import Observation, ObservedPractice


@dataclass(frozen=True)
class WantedObservation:
    """One practice that a person must still pass. ``observation`` is the open occasion of it, if any; ``due_on`` the last
    day that a programme gives; ``presses`` whether it may be asked for without coming too early."""

    practice: ObservedPractice
    observation: Observation | None
    due_on: date | None = None
    late: bool = False
    presses: bool = True
    # The day on which the programme's month for it begins, where that lies ahead: before it is not asked for.
    asked_from: date | None = None

    @property
    def waits_to_be_asked(self) -> bool:
        return self.observation is None and self.presses

    @property
    def after_its_day(self) -> bool:
        """The time that is offered or booked lies behind the last day."""
        on = self.observation.starts_on if self.observation is not None else None
        return on is not None and self.due_on is not None and on > self.due_on

    @property
    def by_others(self) -> Observation | None:
        """The open occasion where somebody else than the person asked for it: what a manager takes back."""
        observation = self.observation
        return observation if observation is not None and observation.asked_by_id != observation.person_id else None


def wanted_of(
    steps: Iterable[Rung],
    programmes: Iterable[OwnProgramme],
    observations: Mapping[int, Observation],
    practices: Mapping[int, ObservedPractice],
) -> tuple[WantedObservation, ...]:
    """What one person lacks, by practice once; what a programme asks by a day before the rest. Pure."""
    found = {
        planned.step.practice_id: WantedObservation(
            planned.step.practice,
            observations.get(planned.step.practice_id),
            planned.due_on,
            planned.state == LATE,
            not own.paused,
        )
        for own in programmes
        for planned in own.plan.steps
        if planned.step.does == ProgrammeStep.Does.OBSERVATION and planned.state in (LATE, NOW)
    }
    for step in steps:
        presses = step.standing is not None and step.standing.conditions_met
        for keys in practices_missing(step):
            # One of several is enough: that which is on its way.
            going_on = [key for key in keys if key in observations]
            for key in going_on or keys:
                wanted = WantedObservation(practices[key], observations.get(key), presses=presses)
                found.setdefault(key, wanted)
    for own in programmes:
        for planned in own.plan.steps:
            if planned.step.does == ProgrammeStep.Does.OBSERVATION and planned.state == LATER:
                going = observations.get(planned.step.practice_id)
                ahead = WantedObservation(
                    planned.step.practice, going, planned.due_on, presses=False, asked_from=planned.begins
                )
                found.setdefault(planned.step.practice_id, ahead)
    return tuple(sorted(found.values(), key=lambda wanted: (wanted.due_on is None, wanted.due_on or date.max)))


def observations_ahead_of(person: User, on: date) -> list[ObservationAhead]:
    """What only months to come of the person's programmes ask for: neither the person nor the manager asks for it sooner."""
    programmes = programmes_of([person.pk], on)
    later = {
        planned.step.practice_id
        for own in programmes
        for planned in own.plan.steps
        if planned.step.does == ProgrammeStep.Does.OBSERVATION and planned.state == LATER
    }
    if not later:
        return []
    steps = ladders_of([person], on)[person.pk]
    missing = {key for step in steps for keys in practices_missing(step) for key in keys}
    wanted = wanted_of(steps, programmes, {}, ObservedPractice.objects.in_bulk(missing) if missing else {})
    return [ObservationAhead(one.practice.pk, one.asked_from) for one in wanted if one.asked_from is not None]


def practices_missing(step: Rung) -> list[tuple[int, ...]]:
    """The practices of each requirement of observation that is missing of a level worked for."""
    if step.state == "later" or step.standing is None:
        return []
    missing = step.standing.missing
    return [line.asked.practices for line in missing if line.asked.kind == "observation" and line.asked.practices]
