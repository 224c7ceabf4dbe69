"""The question bank: versions frozen by publishing, files in and out, reports of wrong questions."""
