"""我的团队: what a line manager sees of the own people, and does about it.

``members``  who lacks what, by when, the worst first     ``order``  the list searched and sorted
``nudging``, ``recommending``, ``asking``  催办, 推荐, 申请观察, each in words of its own (``words``) and taken back
``digest``   one notice a week instead of one per event
"""
