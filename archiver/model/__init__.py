"""The records that cross between rooms: exchanges, findings, renders."""
