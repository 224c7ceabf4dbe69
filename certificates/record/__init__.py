"""What this floor keeps about one person, and what of it the journal proves."""
