"""Drawing: a document becomes one HTML file or a PDF, its charts SVG. Nothing else in the program draws.

``view`` brings a document to one tree of showable texts; ``html`` and ``pdf`` fill a template each from it, so that
both hold the same words; ``charts`` draws. Nothing here knows what a report is about.
"""
