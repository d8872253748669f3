"""Lists beside each other: two releases compared, several lists reconciled."""
