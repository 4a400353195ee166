"""`python -m archiver.cli`: the same as `archiver`."""

from archiver.cli import main

if __name__ == "__main__":
    main()
