"""For each pass of the clock two rows, of which the database refuses the first; a module for each floor."""
