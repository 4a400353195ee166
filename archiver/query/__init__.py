"""Reading an archive: find, search, similar pictures, export."""
