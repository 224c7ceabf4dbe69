"""The academy as something that runs: its processes and their beats, an outage of the database, its health."""
