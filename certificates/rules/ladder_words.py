"""What the ladder comes down to in a sentence: under the greeting, and for each level among what is to be done."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.duties.duty import Duty
from certificates.rules.ladder import Rung, next_step
from certificates.rules.standing import Judged

# The kinds of duties that are about a level.
LEVEL_KINDS = ("track", "post", "renewal", "lapsed")


def day_of(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


def headline(steps: list[Rung]) -> str:
    """The level that is worked for, and how far it is; '' where there is none."""
    step = next_step(steps)
    if step is None or step.standing is None:
        return ""
    words = {"level": step.track.level, "met": step.met, "all": step.all, "count": step.missing}
    if (step.renewing or step.in_grace) and step.through is not None and step.last_day is not None:
        if step.in_grace:
            text = _(
                "“%(level)s” expired on %(day)s and can still be renewed through %(last)s: %(met)s of %(all)s met."
            )
        else:
            text = _("Renewal of “%(level)s” is open through %(day)s: %(met)s of %(all)s met so far.")
        return text % (words | {"day": day_of(step.through), "last": day_of(step.last_day)})
    if step.lapsed and step.through is not None:
        return f"{lapsed_words(step)} {way_back(step)}"
    if not step.missing and step.taken:
        return _("“%(level)s” was taken away or ended by HR, who decide whether it is given again.") % words
    if not step.missing:
        return _("Everything for “%(level)s” is met.") % words
    lead = ngettext(
        "%(count)s requirement left for “%(level)s”.", "%(count)s requirements left for “%(level)s”.", step.missing
    )
    lead %= words
    used_up = next((line for line in step.standing.missing if line.used_up), None)
    if used_up is not None:
        return _("%(sentence)s %(following)s") % {"sentence": lead, "following": used_up.missing}
    earliest = step.standing.earliest
    if earliest:
        when = _("Possible from %(day)s at the earliest.") % {"day": day_of(earliest)}
        lead = _("%(sentence)s %(following)s") % {"sentence": lead, "following": when}
    return lead


def progress(step: Rung) -> list[str]:
    """What counts already, and what is next."""
    if step.standing is None:
        return []
    words = [_("%(met)s of %(all)s met") % {"met": step.met, "all": step.all}]
    if step.state == "later":
        # Its own first step would stand beside that of the level below as a second next.
        return [*words, _("after the level below it")]
    missing = step.standing.missing
    # What only others can bring about is said as such, never as the next step.
    used_up = [line for line in missing if line.used_up]
    words += [_("%(what)s: %(state)s") % {"what": line.asked.label, "state": line.missing} for line in used_up]
    following = next_line(step)
    if following is None:
        return words if used_up else [*words, _("HR decides")]
    after = [wait] if (wait := wait_for(following)) else []
    return [*words, _("Next: %(what)s") % {"what": following.asked.label}, *after]


def wait_for(line: Judged) -> str:
    """Why an exam that was sat cannot be sat again now, and from when it can; '' where nothing is waited for. Pure."""
    return line.missing if line.known_closer and line.asked.exam is not None and not line.asked.url else ""


def next_line(step: Rung) -> Judged | None:
    """What the person does next for a level: what is open and has a page before what is not; never what is used up."""
    missing = [line for line in step.standing.missing if not line.used_up] if step.standing is not None else []
    open_lines = [line for line in missing if not line.opens_after]
    return next((line for line in open_lines if line.asked.url), next(iter(open_lines or missing), None))


def lapsed_words(step: Rung) -> str:
    if step.through is None:
        return ""
    return _("“%(level)s” was valid through %(day)s.") % {"level": step.track.level, "day": day_of(step.through)}


def way_back(step: Rung) -> str:
    """What brings a lapsed level back: what renews it, all of it anew, or a decision of HR."""
    if not step.missing:
        return _("There is nothing more for you to do: HR decides what happens next.")
    if step.purpose == "return":
        text = ngettext(
            "One renewal requirement to go, and it is yours again.",
            "%(count)s renewal requirements to go, and it is yours again.",
            step.missing,
        )
    else:
        text = ngettext(
            "It has to be earned again: %(count)s thing to go.",
            "It has to be earned again: %(count)s things to go.",
            step.missing,
        )
    return text % {"count": step.missing}


def why(duty: Duty, step: Rung) -> str:
    """What stands behind a duty about a level, '' where who assigned it says so."""
    if step.lapsed and step.through is not None:
        return _("Lapsed; valid through %(day)s") % {"day": day_of(step.through)}
    if duty.kind == "renewal":
        if step.in_grace and step.last_day is not None:
            return _("In the grace period through %(day)s") % {"day": day_of(step.last_day)}
        return _("Renewal open since %(day)s") % {"day": day_of(duty.since)}
    return _("Your post asks for it") if duty.kind == "post" else ""
