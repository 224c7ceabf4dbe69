"""What results say of questions: Moodle's figures of a quiz and its questions, and plain words about them.

Pure but for ``answers``, which reads the marks of a quiz: tables go in, figures come out, without a clock. ``tables`` holds the marks exactly, ``figures``
reckons with them; ``distractors``, ``characteristics`` and ``differential`` look closer at one question, ``notes`` says
what to make of it, ``marks_file`` reads a table from a file.
"""
