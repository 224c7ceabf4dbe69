"""One word, one meaning: catalogues are poured together, so a word without a context is everybody's, the libraries' too."""

import gettext
import re
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path

from django.utils.translation.trans_real import translation

from tests.academy.test_words import asked_for, calls_in_template

ROOT = Path(__file__).parents[2]
FLOORS = ("academy", "quizzes", "courses", "certificates")
LIBRARIES = ("django", "wagtail", "wagtailmedia", "allauth", "taggit", "django_filters")
# Ours say the same better, wherever the word stands.
BETTER = {
    "Account",
    "Action",
    "Administration",
    "All",
    "Change",
    "Copy for translation",
    "English",
    "Filter",
    "Page not found",
    "Search",
    "Text",
    "done",
}


def words_of(catalogue: Path) -> dict[str, str]:
    with catalogue.open("rb") as file:
        found = gettext.GNUTranslations(file)._catalog
    return {key if isinstance(key, str) else key[0]: said for key, said in found.items() if key}


def ours() -> dict[str, dict[str, str]]:
    return {floor: words_of(ROOT / floor / "locale/zh_Hans/LC_MESSAGES/django.mo") for floor in FLOORS}


def test_no_word_of_ours_changes_the_meaning_of_a_librarys():
    theirs: dict[str, set[str]] = defaultdict(set)
    for library in LIBRARIES:
        folder = Path(find_spec(library).origin).parent
        for catalogue in folder.rglob("locale/zh_Hans/LC_MESSAGES/django.mo"):
            for word, said in words_of(catalogue).items():
                theirs[word].add(said)
    assert len(theirs) > 2000

    changed = {
        (floor, word, said, *theirs[word])
        for floor, words in ours().items()
        for word, said in words.items()
        if word in theirs and said not in theirs[word] and word not in BETTER
    }
    assert changed == set()


def test_two_floors_say_one_word_in_one_way():
    said: dict[str, set[str]] = defaultdict(set)
    for words in ours().values():
        for word, chinese in words.items():
            said[word].add(chinese)

    assert {word: ways for word, ways in said.items() if len(ways) > 1} == {}


# Words of ours that a library translates, and as we mean them. Everything else has its own Chinese in our catalogues:
# allauth's "Primary" is an address of mail, not a post.
AS_THE_LIBRARIES_SAY = {
    "Choose",
    "Draft saved",
    "Order",
    "Preview",
    "Sort by",
    "Title",
    "Upload",
    "version",
}


def test_what_only_a_library_translates_was_read_by_us():
    own = set().union(*(words.keys() for words in ours().values()))
    own |= words_of(ROOT / "academy/wagtail_locale/zh_Hans/LC_MESSAGES/django.mo").keys()
    used: set[str] = set()
    for floor in FLOORS:
        for path in [*(ROOT / floor).rglob("*.py"), *(ROOT / floor).rglob("*.html")]:
            text = path.read_text()
            if "migrations" not in path.parts:
                used |= set(asked_for(calls_in_template(text) if path.suffix == ".html" else text))

    assert used - own == AS_THE_LIBRARIES_SAY


# A name that is put in: it stands without spaces between Chinese, in Chinese marks.
NAME = r"%\((?:object|model_name|label|title|page_title|snippet_type_name|image_title|document_title)\)s"
STIFF = re.compile(rf"""你|'{NAME}'|"{NAME}"|[一-鿿] {NAME}|{NAME} [一-鿿]| ou """)


def test_what_the_libraries_say_in_the_admin_is_said_as_the_house_says_it():
    spoken = translation("zh-hans")._catalog
    stiff = set()
    for library in ("wagtail", "wagtailmedia"):
        folder = Path(find_spec(library).origin).parent
        for catalogue in folder.rglob("locale/zh_Hans/LC_MESSAGES/django.mo"):
            with catalogue.open("rb") as file:
                keys = [key for key in gettext.GNUTranslations(file)._catalog if key]
            stiff |= {(key, spoken.get(key, "")) for key in keys if STIFF.search(spoken.get(key, ""))}
    assert stiff == set()


# What a bank does not say, or says of something else: 职级 is the grade of pay, 柜员号 a number of the core system.
NOT_OURS = re.compile("续证|再认证|职级|(?<!授)课时|及格线|答题记录|认证路径|柜员号|首次密码|[「」『』]")


def test_no_text_of_ours_says_a_word_that_the_bank_does_not_say():
    said = {text for words in ours().values() for text in words.values() if NOT_OURS.search(text)}

    assert said == set()
