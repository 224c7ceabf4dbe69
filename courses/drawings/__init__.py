"""The drawings that come with the program, and what each shows in words."""
