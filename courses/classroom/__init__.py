"""面授: classroom sessions.

``sessions`` arranges and cancels them, ``places`` says who comes and who waits, ``sign_in`` who was there, ``closing``
whose hours are recognised; ``lists`` reads pasted staff numbers.
"""
