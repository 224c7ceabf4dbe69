"""The bank's people: who they are, where they are posted, what they may do, when they are away."""
