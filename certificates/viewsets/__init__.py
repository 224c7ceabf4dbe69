"""The attesting floor's screens in the admin."""
