"""Days as pure arithmetic: months, due dates, and what leave does to them."""
