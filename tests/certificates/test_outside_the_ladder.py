"""A track outside the ladder (服务资格): nothing contains it, it stands beside a level, and nobody is appointed at it."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from academy.models import CareerLevel, Posting, User
from academy.models.levels import contains_level
from certificates.award.awarding import import_history
from certificates.board.appointments import NOT_APPOINTED, against_appointment
from certificates.board.counts import count_by_branch
from certificates.board.facts import asking_on, facts_of
from certificates.importing.appointments import levels_by_name
from certificates.models import CertificationTrack, PositionRequirement, Requirement, RuleVersion
from certificates.posts.duties import duties_of_posts_and_renewals
from certificates.register.rows import RegisterQuery, every_row
from certificates.rules.ladder import ladder_of
from certificates.rules.statuses import Status
from tests.cast import OPENED, bank, person, position

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.mark.parametrize(
    ("held", "asked", "enough"),
    [
        ((1, 1), (1, 1), True),
        ((2, 2), (1, 1), True),
        ((1, 1), (2, 2), False),
        ((3, None), (3, None), True),
        ((3, None), (4, None), False),
        ((2, 2), (3, None), False),
        ((3, None), (1, 1), False),
    ],
)
def test_only_what_has_a_rank_contains_another(held, asked, enough):
    assert contains_level(*held, asked=asked[0], asked_rank=asked[1]) is enough


@pytest.fixture
def world():
    """CM1 and CM2 for client managers, the service certificate for tellers; each post asks for its own."""
    branches, tracks = bank(), {}
    for code, rank, post in (
        ("CM1", 1, "client-manager-retail"),
        ("CM2", 2, "client-manager-retail"),
        ("SVC", None, "teller"),
    ):
        level = CareerLevel.objects.create(code=code, rank=rank, name=f"资格{code}", name_en=code)
        track = CertificationTrack.objects.create(code=code.lower(), level=level, name=code, mode="fixed")
        version = RuleVersion.objects.create(track=track, number=1, effective_from=OPENED)
        asked = Requirement.objects.create(rule_version=version, kind="posted", phase="apply")
        asked.positions.set([position(post)])
        asked.save()
        tracks[code] = track
    for code, post in (("CM1", "client-manager-retail"), ("SVC", "teller")):
        PositionRequirement.objects.create(
            position=position(post), level=tracks[code].level, within_days=60, effective_from=OPENED
        )
    return branches, tracks


def teller(number: str, branch, *, posted: date | None = None) -> User:
    made = person(number, f"柜员{number}", branch, posted=posted)
    Posting.objects.filter(person=made).update(position=position("teller"))
    return made


def holds(one: User, track: CertificationTrack, through: date) -> None:
    since = timezone.localdate() - timedelta(days=200)
    import_history(
        person=one, track=track, awarded_on=since, valid_through=through, now=timezone.now(), actor=None, reason="test"
    )


def test_the_board_in_sql_and_the_pure_rule_say_the_same_of_posts_outside_the_ladder(world):
    branches, tracks = world
    today = timezone.localdate()
    far = today + timedelta(days=300)
    began = today - timedelta(days=100)
    people = {
        "held": teller("1", branches["BJ01"], posted=began),
        "manager": teller("2", branches["BJ01"], posted=began),
        "fresh": teller("3", branches["BJ01"], posted=today - timedelta(days=10)),
        "soon": teller("4", branches["BJ01"], posted=began),
        "service only": person("5", "客户经理", branches["BJ01"], posted=began),
    }
    holds(people["held"], tracks["SVC"], far)
    # The highest level of the ladder covers no counter, nor the counter's certificate the ladder.
    holds(people["manager"], tracks["CM2"], far)
    holds(people["soon"], tracks["SVC"], today + timedelta(days=5))
    holds(people["service only"], tracks["SVC"], far)

    asking = asking_on(today)
    facts = facts_of([one.pk for one in people.values()], today, asking)
    found = {name: facts[one.pk].judged(today).cover.value for name, one in people.items()}
    counted = count_by_branch(asking, today).by_branch[branches["BJ01"].pk]

    assert found == {
        "held": "held",
        "manager": "without",
        "fresh": "missing",
        "soon": "soon",
        "service only": "without",
    }
    assert (counted.safe, counted.soon, counted.missing, counted.without) == (1, 1, 1, 2)


def test_a_teller_is_shown_the_certificate_of_the_post_and_not_the_way_of_a_client_manager(world):
    branches, tracks = world
    today = timezone.localdate()
    new = teller("1", branches["BJ01"])
    manager = person("2", "客户经理", branches["BJ01"])
    both = teller("3", branches["BJ01"])
    holds(both, tracks["CM2"], today + timedelta(days=300))
    holds(both, tracks["SVC"], today + timedelta(days=300))

    shown = {
        name: [(step.track.level.code, step.state) for step in ladder_of(one, today)]
        for name, one in (("new", new), ("manager", manager), ("both", both))
    }

    assert shown == {
        "new": [("SVC", "current")],
        "manager": [("CM1", "current"), ("CM2", "later")],
        "both": [("CM1", "held"), ("CM2", "held"), ("SVC", "held")],
    }


def test_it_is_renewed_beside_a_level_and_stands_valid_in_the_register(world):
    branches, tracks = world
    today = timezone.localdate()
    both = teller("1", branches["BJ01"], posted=today - timedelta(days=20))
    holds(both, tracks["CM2"], today + timedelta(days=30))
    holds(both, tracks["CM1"], today + timedelta(days=30))
    holds(both, tracks["SVC"], today + timedelta(days=30))
    both.certifications.update(renew_from=today - timedelta(days=10))

    renewals = [one for one in duties_of_posts_and_renewals([both.pk], today) if one.kind == "renewal"]
    question = RegisterQuery(as_of=today, known_as_of=timezone.now())
    statuses = {
        row.certificate.certification.track.level.code: row.status
        for row in every_row(question, User.objects.filter(pk=both.pk))
    }

    # Out of the posts of the ladder nobody is called to renew CM2; the certificate of the post is to be renewed.
    assert [one.facts["level"] for one in renewals] == ["SVC"]
    assert statuses == {"CM1": Status.CONTAINED, "CM2": Status.OUT_OF_POST, "SVC": Status.DUE}
    for code, status in statuses.items():
        asked = RegisterQuery(as_of=today, known_as_of=timezone.now(), status=status.value)
        found = list(every_row(asked, User.objects.filter(pk=both.pk)))
        assert [row.certificate.certification.track.level.code for row in found] == [code]


def test_nobody_is_appointed_at_it(world):
    branches, tracks = world
    today = timezone.localdate()
    one, other = teller("1", branches["BJ01"]), person("2", "客户经理", branches["BJ01"])
    holds(one, tracks["SVC"], today + timedelta(days=300))
    holds(other, tracks["CM1"], today + timedelta(days=300))

    assert set(levels_by_name()) == {"cm1", "资格cm1", "cm2", "资格cm2"}
    assert [row.person_id for row in against_appointment(NOT_APPOINTED, today, None)] == [other.pk]
