"""What posts ask for, and the duties that follow."""
