"""Files on a disk: paths, atomic writes, locks, free space."""
