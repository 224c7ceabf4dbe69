"""The ground floor's screens in the admin."""
