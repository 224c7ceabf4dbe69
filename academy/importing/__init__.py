"""How a file of HR becomes facts.

``reading`` (with ``workbook`` and ``encodings``) turns CSV or XLSX into rows of cells, ``columns`` says which column
means what, ``values`` makes dates and numbers of cells, ``kinds`` knows what each kind of file asks for and compares it with
what stands, ``checking`` is the dry run, ``writing`` the one confirmed write. A file is hostile until it was read.
"""
