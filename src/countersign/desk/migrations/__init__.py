"""Steps of the desk's database from version to version."""
