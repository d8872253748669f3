"""Words: the only place where a number, an interval, a date, a list, a plural or a code becomes English.

``numbers`` counts, shares and ratios; ``intervals`` rates with their bounds; ``dates`` dates, moments and periods;
``lists`` lists, and counts with their nouns; ``names`` suppliers, stages, roles, profiles, classes, methods and codes;
``hidden`` the characters that cannot be seen, written out; ``facts`` what entries state, in one line.
"""
