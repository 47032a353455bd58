"""What type checkers read is not run."""

collect_ignore = ["misuses.py", "uses_every_name.py"]
