"""Charts as SVG: what all share (``svg``, ``axes``, ``notes``), modules for the kinds, ``draw``, which chooses one."""
