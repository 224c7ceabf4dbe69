"""Files of HR that only this floor understands: appointments and past certifications."""
