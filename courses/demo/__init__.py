"""The demo's progress, classes and course assignments, made by the rules themselves."""
