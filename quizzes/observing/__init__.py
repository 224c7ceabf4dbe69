"""实操考核: practice that assessors observe and score.

``combining``  several score sheets become one result, pure
``reach``      who may assess whom, and who reads it
``booking``    asked for, offered, booked, put off, ended without a score
``expiring``   ended by the clock after 60 days
``scoring``    drafts, sheets handed in, the result and what follows
``correcting`` a result corrected or taken away, a line manager allowed: by two people
``showing``    a rubric and its sheets in the reader's language
``calibrating`` a case that many assessors score, each for themselves: prepared, announced, handed in, closed
``drifting``   how far assessors of one case lie apart, pure
``comparing``  their sheets side by side in words
``proof``      what the journal proves of a result
"""
