"""认证批次: rounds of certification, from the notice to the letters.

``phases``  where a round stands on a day, pure       ``facts``  what was done in it, and what blocks
``arranging``, ``applying``, ``judging``, ``objecting``, ``listing``, ``awarding``  its steps, each by its people
``observing``  the observations that are missing, asked for at once
"""
