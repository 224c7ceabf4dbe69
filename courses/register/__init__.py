"""培训台账: one row a person and session or course.

``rows`` answers a question of it, ``workbook`` writes it as a spreadsheet, ``exporting`` does that in a task.
"""
