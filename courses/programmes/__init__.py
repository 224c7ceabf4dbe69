"""培养计划 in use: where a person stands month by month, who mentors, and which tasks are ticked."""
