"""What this floor keeps about one person: the tables of the record, and their erasure."""
