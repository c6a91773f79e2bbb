"""`python -m harcli`."""

from harcli.cli.main import run

if __name__ == "__main__":
    run()
