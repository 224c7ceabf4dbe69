"""The rules of a quiz as they hold for one person, and what of a paper that person may see."""
