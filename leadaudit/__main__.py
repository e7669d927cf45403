"""``python -m leadaudit``: the command line, where the script is not on the path."""

from leadaudit.cli import main

if __name__ == "__main__":
    main()
