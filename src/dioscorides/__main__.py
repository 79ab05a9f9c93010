"""`python -m dioscorides` is the command line."""

from dioscorides.faces.cli import main

if __name__ == "__main__":
    main()
