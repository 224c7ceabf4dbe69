"""What posts ask for and who lacks it: the pure rule, the facts of people, the counts by branch, names, reports."""
