"""What one person may not decide alone: acts of two people about people and about things, deletion."""
