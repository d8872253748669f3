"""The desk: the acts of ``register`` in a browser, for one body and its one log; a Django application.

It adds no rule: what may be done, and why not, comes from ``register`` and below. Its database holds accounts, which
public keys are whose, and ids of drafts; sealed values stay in the log's sealed store, and no private key comes here.
``folder`` is where a desk lies, ``conf`` its settings, ``routes`` every page with who may open it, ``record`` what
pages show of the log, ``form`` an entry's form from its declarations; ``views`` has the pages, one module a subject.
"""
