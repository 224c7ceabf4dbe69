"""Exam day.

``sessions``  who may sit where and when, and the bans that forbid it    ``seating``  candidates and their seats
``results``   absent, deferred, irregular, void: what each does          ``bans``     bans, with a second person
``console``   what the invigilator sees and does                         ``notes``    facts noticed while writing
``outages``   the minutes that an outage took, given back once           ``panels``   places on other screens
"""
