"""What one person may not decide alone: acts of two people about people and about things, deletion.

``four_eyes``      proposed by one, decided by another, and what comes of it
``second_person``  whether a second person is demanded, and who may be it
``switching``      four eyes switched off and on, itself an act of two
``objects``        of which things somebody may decide
``publishing``     what counts for a certificate is published
``handed_in``      how that differs from what is published, and what of it is shown
``changing``       its settings are changed
``removing``       it is taken away
``deletion``       by what a thing is used, so that it stays
``differences``    what a change says in another way than before
``submitting``     drafts handed in as one
``review``         what was handed in waits here, and for whom
``reasons``        that the house gives where nobody typed one
"""
