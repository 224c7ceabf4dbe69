"""What is read once a request."""

from django.test import RequestFactory
from django.utils.functional import SimpleLazyObject

from academy.models import User
from academy.requests.kept import kept


def test_it_is_read_once_for_each_holder_and_name():
    reads = []

    def read():
        reads.append("read")
        return len(reads)

    first, second = RequestFactory().get("/"), RequestFactory().get("/")

    assert [kept(first, "numbers", read), kept(first, "numbers", read)] == [1, 1]
    assert kept(first, "others", read) == 2
    assert kept(second, "numbers", read) == 3


def test_nothing_is_as_good_as_something():
    reads = []
    request = RequestFactory().get("/")

    for _time in range(2):
        assert kept(request, "nothing", lambda: reads.append("read")) is None
    assert reads == ["read"]


def test_what_is_kept_of_a_day_is_read_anew_for_another():
    person = User(staff_number="L1")

    assert kept(person, "roles", lambda: "of the first day", of=1) == "of the first day"
    assert kept(person, "roles", lambda: "of the second day", of=2) == "of the second day"
    assert kept(person, "roles", lambda: "never read", of=2) == "of the second day"


def test_a_requests_person_and_the_row_behind_it_keep_the_same():
    person = User(staff_number="L1")
    proxy = SimpleLazyObject(lambda: person)

    assert kept(proxy, "roles", lambda: "once") == "once"
    assert kept(person, "roles", lambda: "twice") == "once"
