"""What the site sends to a device beside its pages: the manifest by which it is installed, the worker that keeps pages, and
the page that stands where there is no line.

``switching``  whether anything is kept at all: head office's word for the whole bank
``worker``     the worker's script, with the addresses of this site in front of it
``manifest``   name, colours and icons of the installed academy, in each language
``icons``      how the icons are drawn
``views``      their addresses
"""
