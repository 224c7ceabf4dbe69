"""Exam day.

``sessions``  who may sit where and when, and the bans that forbid it    ``seating``  candidates and their seats
``bans``      bans, with a second person                                 ``notes``    facts noticed while writing
"""
