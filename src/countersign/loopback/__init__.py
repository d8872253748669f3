"""The page for people without a terminal: a file is given in a browser on this machine, and the report comes back.

``door`` answers requests, ``multipart`` reads the form, ``readings`` keeps the private folder and starts the child
process (``reading``) that makes the report, ``pages`` draws.
"""
