"""What one person may not decide alone: acts of two people, the reviewers' workflow, deletion."""
