"""Past certifications as a file: from before this academy, as HR's records have them."""

from typing import Any

from django.utils.translation import gettext_lazy

from academy.bilingual import said as _
from academy.importing.columns import Column
from academy.importing.kinds.base import NEW, UNCHANGED, Change, Context, Faults, FileKind, Item, need, register_kind
from academy.importing.kinds.staff import NUMBER_HEADINGS
from academy.importing.values import day, folded, identifier, words
from academy.models import User
from academy.models.roles import ACTING_ROLES
from academy.staff.access import people_visible_to
from certificates.award.awarding import import_history
from certificates.importing.appointments import DOCUMENT_HEADINGS
from certificates.models import Certification, CertificationTrack


@register_kind
class HistoryFile(FileKind):
    code = "history"
    label = gettext_lazy("Past certifications")
    hint = gettext_lazy("Levels that were awarded before this academy; each gets its certificate here.")
    order = 80
    tells_holders = True
    by_two = True
    shown = {"track": ("CM1", "CM1"), "through": ("2028-01-14", "2028-01-14")}
    columns = (
        Column("number", gettext_lazy("Staff number"), NUMBER_HEADINGS, identifier, required=True),
        Column(
            "track",
            gettext_lazy("Track or level"),
            ("认证项目", "资格等级", "等级", "认证等级", "资格", "track", "level", "certification"),
            words(120),
            required=True,
        ),
        Column(
            "awarded",
            gettext_lazy("Awarded on"),
            (
                "认证日期",
                "取得日期",
                "首次取得日期",
                "发证日期",
                "有效期起",
                "awarded on",
                "award date",
                "certified on",
                "valid from",
            ),
            day,
            required=True,
        ),
        Column(
            "through",
            gettext_lazy("Valid through"),
            ("有效期至", "有效期止", "到期日期", "有效期", "valid through", "valid until", "expires", "expiry date"),
            day,
            required=True,
        ),
        Column("document", gettext_lazy("Document number"), DOCUMENT_HEADINGS, words(80)),
        Column(
            "serial",
            gettext_lazy("Old certificate number"),
            ("原证书编号", "证书编号", "证书号", "old certificate number", "certificate number", "serial number"),
            words(80),
        ),
        Column("score", gettext_lazy("Score"), ("成绩", "考试成绩", "分数", "score", "mark"), words(20)),
        Column(
            "why",
            gettext_lazy("Why without the lower level"),
            ("未持低等级事由", "事由", "why without the lower level", "reason"),
            words(200),
        ),
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.tracks: dict[str, CertificationTrack] = {}
        for track in CertificationTrack.objects.select_related("level", "design").order_by("-pk"):
            for spelled in (
                track.level.name_en,
                track.level.name,
                track.level.code,
                track.name_en,
                track.name,
                track.code,
            ):
                if spelled:
                    self.tracks[folded(spelled)] = track
        self.keys: dict[tuple[Any, ...], int] = {}
        ranks = sorted({rank for track in self.tracks.values() if (rank := track.level.rank) is not None})
        # The level below each, of those of the ladder that a track leads to.
        self.below = dict(zip(ranks[1:], ranks, strict=False))
        self.in_file: dict[str, set[int | None]] = {}

    def note(self, item: Item, faults: Faults) -> None:
        there = [need(item, key, faults) for key in ("number", "track", "awarded", "through")]
        values = item.values
        if values.get("track") and folded(values["track"]) not in self.tracks:
            faults.of(item, "track", _("There is no track %(track)s.") % {"track": values["track"]})
            return
        if not all(there):
            return
        if values["awarded"] > self.context.today:
            faults.of(item, "awarded", _("This day is still to come; history is of the past."))
        if values["through"] < values["awarded"]:
            faults.of(item, "through", _("The last valid day is before the award."))
        track = self.tracks[folded(values["track"])]
        self.remember(item)
        key = (values["number"], track.pk, values["awarded"])
        first = self.keys.setdefault(key, item.row)
        if first != item.row:
            faults.of(
                item,
                "number",
                _("%(value)s is in row %(row)s already.") % {"value": values["number"], "row": first},
            )

    def remember(self, item: Item) -> None:
        """Which levels the file itself names of a person."""
        rank = self.tracks[folded(item.values["track"])].level.rank
        self.in_file.setdefault(item.values["number"], set()).add(rank)

    def compare(self, items: list[Item], faults: Faults) -> list[Change]:
        numbers = {item.values["number"] for item in items}
        people = {user.staff_number: user for user in User.objects.filter(staff_number__in=numbers)}
        pks = [person.pk for person in people.values()]
        hidden: set[int] = set()
        if self.context.branches is not None and self.context.actor is not None:
            visible = people_visible_to(self.context.actor, self.context.today, ACTING_ROLES).filter(pk__in=pks)
            hidden = set(pks) - set(visible.values_list("pk", flat=True))
        standing = {
            (person, track, since): through
            for person, track, since, through in Certification.objects.filter(person__in=pks).values_list(
                "person", "track", "valid_from", "valid_through"
            )
        }
        held = self._ranks_of(pks)
        changes = []
        for item in items:
            values, track = item.values, self.tracks[folded(item.values["track"])]
            person = people.get(values["number"])
            if person is None or person.pk in hidden:
                faults.of(
                    item, "number", _("There is no person with staff number %(number)s.") % {"number": values["number"]}
                )
                continue
            if self.context.actor is not None and person.pk == self.context.actor.pk:
                faults.of(item, "number", _("Nobody records a certification of their own."))
                continue
            through = standing.get((person.pk, track.pk, values["awarded"]))
            if through is not None and through != values["through"]:
                message = _(
                    "This certification is on record with another last day, %(day)s; a past one is not rewritten."
                )
                faults.of(item, "through", message % {"day": through})
                continue
            if through is None and self._lacks_below(item, person, track, held):
                message = _(
                    "This person has no %(level)s. Give a reason in the column “%(column)s”, or the lower level too."
                )
                level = self.below_of(track)
                faults.of(item, "track", message % {"level": level, "column": "未持低等级事由"})
                continue
            details = [(_("Track or level"), "", str(track)), (_("Valid through"), "", str(values["through"]))]
            details += [
                (str(column.label), "", str(values[column.key]))
                for column in self.columns
                if column.key in ("serial", "score", "why") and values.get(column.key)
            ]
            outcome = UNCHANGED if through is not None else NEW
            changes.append(Change(item, outcome, values["number"], person.display_name, details, (person, track)))
        return changes

    def _ranks_of(self, people: list[int]) -> dict[int, set[int | None]]:
        """The ranks of what each was ever awarded."""
        found: dict[int, set[int | None]] = {}
        for person, rank in Certification.objects.filter(person__in=people).values_list("person", "track__level__rank"):
            found.setdefault(person, set()).add(rank)
        return found

    def _lacks_below(
        self, item: Item, person: User, track: CertificationTrack, held: dict[int, set[int | None]]
    ) -> bool:
        """Whether neither the records here nor the file know the level below, and HR does not say why."""
        below = self.below.get(track.level.rank or 0)
        known = held.get(person.pk, set()) | self.in_file.get(person.staff_number, set())
        return below is not None and below not in known and not item.values.get("why")

    def below_of(self, track: CertificationTrack) -> str:
        """The level below that of a track, in words."""
        below = self.below.get(track.level.rank or 0)
        return next((str(track.level) for track in self.tracks.values() if track.level.rank == below), "")

    def write(self, step: int, items: list[Item]) -> None:
        for change in self.compare(items, Faults(self.columns)):
            if change.outcome == NEW and change.item is not None:
                person, track = change.work
                values = change.item.values
                import_history(
                    person=person,
                    track=track,
                    awarded_on=values["awarded"],
                    valid_through=values["through"],
                    now=self.context.now,
                    actor=self.context.actor,
                    document_number=values.get("document") or "",
                    reason=values.get("why") or "",
                    old_serial=values.get("serial") or "",
                    score=values.get("score") or "",
                    told=self.context.quiet_load is None,
                )
