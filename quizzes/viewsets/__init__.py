"""The measuring floor's screens in the admin."""
