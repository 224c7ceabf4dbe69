"""What a rule raises when it says no, and which faults pass by themselves."""
