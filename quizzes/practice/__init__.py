"""练习: the daily five, the wrong-answer book, streaks.

``cards``     how well a question is known, by spaced repetition (pure)
``choosing``  which five of a day (pure)
``days``      streaks over working days (pure)
``book``      what enters and leaves the wrong-answer book (pure), and its rows
``sources``   which questions a person may practise
``daily``     the five of a day, drawn once; answering
"""
