"""Joining, lessons done, completion, and what is practised of a course."""
