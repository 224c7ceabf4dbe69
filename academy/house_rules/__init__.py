"""House rules (本行规定): the bank's own figures and names, by scope and day, quoted by code in texts.

``formatting`` puts a value into words, ``resolving`` finds the one that holds, both pure; ``quoting`` puts values where
texts quote them; ``reading`` is the database; ``changing`` is how a value becomes another.
"""
