"""The whole suite; ``tests/run.py`` runs it on both databases."""
