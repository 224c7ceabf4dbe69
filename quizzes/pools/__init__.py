"""What a question is for, who may open an exam's pool, and who was shown what."""
