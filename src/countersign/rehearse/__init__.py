"""A deployment played through: every role with its own key, an outside witness in its own process, nothing real.

It drives ``countersign.cli.main.run`` and nothing else of the product, as people would; what it knows beside is the
scenario and the made-up papers. It is no evidence of anything.
"""
