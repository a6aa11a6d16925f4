"""How the program is wired and run: the server, its workers, the chores beside it."""
