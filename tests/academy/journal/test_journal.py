"""The journal: sealed by keys that have ids, proven to its head, and refusing what no transaction holds."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.transaction import TransactionManagementError

from academy.decisions.switching import SWITCH
from academy.journal import find_broken_link, newest_seal, prove_journal, record, seal_entries
from academy.journal.keys import key_id
from academy.journal.sealing import seal_of
from academy.models import JournalEntry
from academy.operations.environment import Environment

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LONG = "k" * 45


def write(number: int = 1, *, now: datetime = NOW) -> list[JournalEntry]:
    with transaction.atomic():
        return [
            record(SWITCH, now=now, actor=None, about=f"quizzes.ban:{one}", after={"n": one}) for one in range(number)
        ]


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.both
class TestKeys:
    def test_each_seal_names_its_key_and_an_older_key_is_accepted_when_named(self, settings):
        settings.JOURNAL_KEY, settings.JOURNAL_KEYS_OLD = "first" * 9, []
        write(2)
        seal_entries(now=NOW)
        settings.JOURNAL_KEY, settings.JOURNAL_KEYS_OLD = "second" * 9, ["first" * 9]
        write(1)
        seal_entries(now=NOW)

        assert find_broken_link() is None
        assert list(JournalEntry.objects.order_by("number").values_list("key_id", flat=True)) == [
            key_id("first" * 9),
            key_id("first" * 9),
            key_id("second" * 9),
        ]

    def test_a_key_that_is_not_named_is_told_from_a_forgery(self, settings):
        settings.JOURNAL_KEY, settings.JOURNAL_KEYS_OLD = "first" * 9, []
        write(1)
        seal_entries(now=NOW)
        settings.JOURNAL_KEY = "second" * 9

        broken = find_broken_link()

        assert broken is not None
        assert key_id("first" * 9) in broken.problem
        assert "JOURNAL_KEYS_OLD" in broken.problem
        assert "first" not in broken.problem

    def test_seals_from_before_keys_had_ids_are_proven_by_naming_the_key_they_fell_back_to(self, settings):
        (entry,) = write(1)
        JournalEntry.objects.filter(pk=entry.pk).update(
            number=1, seal=seal_of("the old secret key", 1, "", entry.digest), sealed_at=NOW, key_id="", mark=""
        )
        settings.JOURNAL_KEYS_OLD = []
        assert find_broken_link().problem == "its seal does not fit"

        settings.JOURNAL_KEYS_OLD = ["the old secret key"]
        assert find_broken_link() is None


class TestSettings:
    def test_production_demands_a_key_of_the_journals_own(self, tmp_path):
        for given, said in (
            ({}, "JOURNAL_KEY is not set"),
            ({"JOURNAL_KEY": "short"}, "JOURNAL_KEY has 5 characters"),
            ({"JOURNAL_KEY": LONG}, "same as SECRET_KEY"),
        ):
            with pytest.raises(ImproperlyConfigured, match=said):
                Environment(given).journal_key(debug=False, folder=tmp_path, secret_key=LONG)
        assert not list(tmp_path.iterdir())

        own = Environment({"JOURNAL_KEY": "j" * 45}).journal_key(debug=False, folder=tmp_path, secret_key=LONG)
        assert own == "j" * 45

    def test_a_demo_keeps_a_key_that_was_made_once(self, tmp_path):
        first = Environment({}).journal_key(debug=True, folder=tmp_path, secret_key=LONG)

        assert Environment({}).journal_key(debug=True, folder=tmp_path, secret_key="other") == first != LONG

    def test_older_keys_are_parted_by_commas_or_blanks(self):
        assert Environment({"JOURNAL_KEYS_OLD": "one, two three"}).old_journal_keys() == ["one", "two", "three"]


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.both
class TestHead:
    def test_deleting_the_newest_entries_is_seen_by_a_seal_that_somebody_kept(self):
        write(5)
        seal_entries(now=NOW)
        head = newest_seal(NOW)
        assert head.startswith("5:")
        call_command("verify_journal", expect=[head])

        JournalEntry.objects.filter(number__gte=4).delete()

        assert prove_journal().holds
        for kept in (head, head.partition(":")[2]):
            with pytest.raises(CommandError, match="is not in this chain"):
                call_command("verify_journal", expect=[kept])

    def test_what_is_no_seal_is_refused_with_a_sentence(self):
        for text in ("5", "", "seal", "5:xyz"):
            with pytest.raises(CommandError, match="is no seal"):
                call_command("verify_journal", expect=[text])

    def test_the_newest_seal_of_a_past_moment_never_changes(self):
        """A tick that read the clock before a question was asked, and got the lock after it, does not date back."""
        write(1)
        seal_entries(now=NOW)
        asked = NOW + timedelta(seconds=10)
        seal_entries(now=asked + timedelta(seconds=1))
        answer = newest_seal(asked)

        write(1)
        seal_entries(now=asked - timedelta(seconds=1))

        assert newest_seal(asked) == answer


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.both
def test_an_act_and_its_entry_stand_in_one_transaction():
    """An entry that is written outside could tell of an act that a rule refuses afterwards."""
    with pytest.raises(TransactionManagementError):
        record(SWITCH, now=NOW, actor=None, about="quizzes.ban")
    assert not JournalEntry.objects.exists()
