"""What ``make demo`` runs: the main job on the shipped real record, ending with the path of the report it wrote."""
