"""The door for events: export lines in, checked, journalled, batched."""
