"""我的团队: what a line manager sees of the own people, and does about it.

``members``  who lacks what, by when, the worst first     ``acts``  nudge, recommend, ask for an observation
``digest``   one notice a week instead of one per event
"""
