"""Assigned tracks of the demo: newcomers to the first level, Shanghai's retail line to the second."""

from datetime import date, datetime, timedelta

from academy.dates.due_dates import DueFrom, DueUnit
from academy.demo.assignments import assign, audience
from academy.models import Line, User
from certificates.models import CertificationTrack, TrackAssignment


def assign_tracks(*, people: dict[str, User], today: date, now: datetime) -> None:
    office, shanghai = people["300001"], people["300002"]
    tracks = {track.code: track for track in CertificationTrack.objects.select_related("level")}
    newcomers = audience(
        name="近一年入职的公司条线人员",
        branch="ZH0000",
        actor=office,
        day=today - timedelta(days=80),
        line=Line.CORPORATE,
        hired_from=today - timedelta(days=365),
    )
    assign(
        TrackAssignment,
        day=today - timedelta(days=75),
        actor=office,
        now=now,
        track=tracks["cm1"],
        audience=newcomers,
        due_from=DueFrom.POSTED,
        due_amount=6,
        due_unit=DueUnit.MONTHS,
    )
    retail = audience(
        name="上海分行零售条线", branch="SH0000", actor=shanghai, day=today - timedelta(days=80), line=Line.RETAIL
    )
    assign(
        TrackAssignment,
        day=today - timedelta(days=70),
        actor=shanghai,
        now=now,
        track=tracks["cm2"],
        audience=retail,
        due_from=DueFrom.FIXED,
        due_date=today + timedelta(days=120),
    )
