"""``python -m countersign``: the same as the command ``countersign``."""

from countersign.cli.main import main

if __name__ == "__main__":
    main()
