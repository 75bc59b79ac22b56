"""`python -m fusionarium`: the same as the command `fusionarium`."""

from fusionarium.command import main

if __name__ == "__main__":
    main()
