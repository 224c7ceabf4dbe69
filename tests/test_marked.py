"""Which arguments PostgreSQL's part of the suite is given."""

from tests.marked import of_the_database

ON_IT = "tests/test_kept.py"
NOT = "tests/academy/test_floors.py"


def test_a_file_that_depends_on_no_database_is_not_collected_there():
    assert of_the_database(["-q", NOT]) is None
    assert of_the_database(["-q", f"{ON_IT}::test_x", NOT, "-k", "x"]) == ["-q", "-k", "x", f"{ON_IT}::test_x"]


def test_of_a_folder_and_of_the_whole_suite_those_files_that_speak_of_the_mark():
    assert ON_IT in of_the_database([]) and NOT not in of_the_database([])
    assert of_the_database(["tests/curriculum"]) is None
    assert set(of_the_database(["tests/certificates"])) < set(of_the_database([]))
