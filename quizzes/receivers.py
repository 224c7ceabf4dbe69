"""What this floor does when a lower one reports a fact."""
