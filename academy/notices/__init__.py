"""What a person is told: the inbox, and the way by mail and messenger."""
