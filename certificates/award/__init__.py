"""From a standing to a certification, and who waits for HR."""
