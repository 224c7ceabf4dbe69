"""The attesting floor: tracks, requirements, standing, certifications, documents, register."""
