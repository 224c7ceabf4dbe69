"""The demo bank: branches, people and assignments, made by the rules themselves."""
