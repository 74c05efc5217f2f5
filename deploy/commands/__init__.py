"""One file per command, each exporting `command`; deploy/cli.py lists them in the order of the flow."""
