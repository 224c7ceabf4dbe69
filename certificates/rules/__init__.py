"""Where a person stands on a track: dated facts, pure judgement, dates and words."""
