"""Kills, full disks, lost and damaged files, and a week in fast motion: what the archive says of itself afterwards."""
