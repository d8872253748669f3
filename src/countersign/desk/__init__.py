"""The page for people without a terminal: a file is given in a browser on this machine, and the report comes back.

``multipart`` reads the form, ``rooms`` keeps the private folder, ``reading`` is the child process that makes the
report, ``readings`` starts it and holds what came of it, ``pages`` draws, ``door`` answers requests. Nothing below
needs it.
"""
