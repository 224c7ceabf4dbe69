"""Everything about one person: the tables of every floor, the export of them, and their erasure after the term.

``columns`` how a table says what it holds, ``tables`` what the ground floor keeps, ``reading`` what HR's page and a
former branch see of it, ``archive`` and ``exports`` the file, ``retention`` and ``erasing`` the end of it.
"""
