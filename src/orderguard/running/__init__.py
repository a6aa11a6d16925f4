"""Start and run the program: composition, server, worker processes, background chores."""
