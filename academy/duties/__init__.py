"""What a person must do by when, the assignments that ask it of an audience, and the reminders."""
