"""Tests of what comes from the network: real sockets and real TLS, on loopback only."""
