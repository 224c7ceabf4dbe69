"""What stands on course and lesson pages, and the identity behind the pages of two languages."""
