"""The demo's papers, marks, practice and exam day, made by the rules themselves."""
