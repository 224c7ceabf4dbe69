"""The starter curriculum of tracks, levels and requirements, and its loading."""
