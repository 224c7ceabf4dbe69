"""What people decide about levels beside the rules: waived, accepted, extended, awarded by hand, revoked, reinstated,
lowered, ended, corrected, and each of it taken back.

``plan``          what is to be decided about some people
``cases``         where each of them stands, read for all at once
``acts``          what each act refuses and writes for one person
``carrying``      an act for all of them or for none, with the journal's entries
``consequences``  what it would do, by doing it and rolling back
``proposing``     four eyes: proposed by one person, in force when another approves
``people``        whom a pasted list or a spreadsheet names
"""
