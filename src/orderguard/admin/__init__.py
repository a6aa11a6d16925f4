"""What merchants see and change: the admin API for programs, the console for people."""
