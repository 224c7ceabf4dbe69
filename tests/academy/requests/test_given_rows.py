"""Rows handed as one value come out as they went in, whatever they hold; the words are the same for any number of them."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from academy.requests.given_rows import given_rows, rows_value

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.both]


def asked(rows):
    table = given_rows("given", number="bigint", word="text", day="date", share="numeric")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT number, word, day, share FROM {table} ORDER BY number", [rows_value(rows)])
        return [
            (number, word, day and str(day), share and str(share)) for number, word, day, share in cursor.fetchall()
        ]


@pytest.mark.parametrize("word", ["", "100 %s", "'); DROP TABLE academy_user; --", '"{}[]\\', "名\n言", "null"])
def test_a_word_is_itself(word):
    assert asked([(1, word, date(2026, 2, 28), Decimal("0.3333"))]) == [(1, word, "2026-02-28", "0.3333")]


def test_nothing_is_nothing_and_the_largest_number_is_whole():
    assert asked([(2**63 - 1, None, None, None)]) == [(2**63 - 1, None, None, None)]
    assert asked([]) == []
    assert [row[0] for row in asked([(number, "", None, None) for number in range(300)])] == list(range(300))
