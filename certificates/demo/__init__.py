"""The demo's certifications, posts and assignments, made by the rules themselves."""
