"""实操考核: practice that assessors observe and score.

``combining``  several score sheets become one result, pure
``reach``      who may assess whom, and who reads it
``booking``    asked for, offered, booked, put off, ended without a score
``scoring``    drafts, sheets handed in, the result and what follows
``correcting`` a result corrected or taken away, a line manager allowed: by two people
``showing``    a rubric and its sheets in the reader's language
``proof``      what the journal proves of a result
"""
