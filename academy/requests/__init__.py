"""What a request is: where it comes from, and what its filters ask for."""
