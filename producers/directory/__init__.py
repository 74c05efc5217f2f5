"""directory.yaml -> `provider.directory`: read and checked (file.py), compared and published (publish.py)."""

from producers.directory.file import DirectoryFileError, parse_directory, read_directory_file
from producers.directory.publish import Changes, compare, publish

__all__ = ["Changes", "DirectoryFileError", "compare", "parse_directory", "publish", "read_directory_file"]
