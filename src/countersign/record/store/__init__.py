"""Where a log lies: sequencers, tiles on disk, the sealed store, publication, locks and the second place."""
