"""阅卷: answers that a person marks, from the queue to the result.

``rubrics``   points of a rubric (pure)
``settling``  one mark out of several markers' (pure)
``queue``     what waits, and the next answer under a lease
``giving``    a marker's mark; the last one of a paper makes its result
``changes``   a mark changed after release, by two people
``regrading`` a repaired question: who would change, and the run that changes them
"""
