"""The facts by which a certification has a status on a day."""

from datetime import date, timedelta

from academy.models import Employment
from academy.staff.leaves import leaves_of
from certificates.models import Certification, CertificationEnding
from certificates.rules.statuses import Span
from certificates.validity import last_day_of, window_of


def span_of(certification: Certification, day: date) -> Span:
    """Facts for the status of one certification as an outsider may know it; for many use ``rows_of_certificates``.

    Leave and decisions move the last day, but that somebody is on leave, or in which post, is nobody's business outside.
    """
    others = list(
        Certification.objects.filter(person=certification.person_id, ending=None, valid_from__lte=day)
        .exclude(pk=certification.pk)
        .with_extension()
        .select_related("track__level")
    )
    jobs = list(Employment.objects.current().filter(person=certification.person_id))
    leaves = leaves_of([certification.person_id]).get(certification.person_id, [])
    return span_from(certification, getattr(certification, "ending", None), others, jobs, day, leaves)


def span_from(
    certification, ending, others, jobs, day, leaves, *, replaced=False, on_leave=False, in_post=True
) -> Span:
    employed = any(job.is_effective(day) for job in jobs)
    last = max((job.effective_until for job in jobs if job.effective_until and job.effective_until < day), default=None)
    level, ended_on = certification.track.level, ending.effective_on if ending else None
    through = last_day_of(certification, leaves, day, ended_on=ended_on)
    # What begins later than the grace ends renews nothing: in between nothing was held, and it was earned anew.
    in_time = through + timedelta(days=certification.grace_days + 1)
    return Span(
        valid_from=certification.valid_from,
        valid_through=through,
        renew_from=window_of(certification, leaves, day),
        grace_days=certification.grace_days,
        ended_on=ended_on,
        revoked=ending is None or ending.kind == CertificationEnding.Kind.REVOKED,
        renewed=any(
            other.track_id == certification.track_id
            and other.cycle > certification.cycle
            and other.valid_from <= min(day, in_time)
            for other in others
        ),
        contained=any(
            other.track.level.is_above(level) and other.valid_from <= day <= last_day_of(other, leaves, day)
            for other in others
        ),
        last_day_employed=None if employed else last,
        replaced=replaced,
        on_leave=on_leave,
        in_post=in_post,
    )
