"""What changed: up to three questions about house rules that say something else than what a person learnt.

``questions`` makes and grades them, pure; ``offers`` finds what is open for a person; ``answering`` keeps an answer.
"""
