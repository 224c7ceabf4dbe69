"""学时: the ledger of continuing training.

``ledger`` enters, withdraws and corrects hours; ``balance`` sets a year's hours against what is asked; ``file`` reads
them from a spreadsheet; ``views`` is the learner's page.
"""
