#!/bin/sh
# Starts the browser, where the machine allows it in a network namespace of its own: there it has no interface but a loopback
# that is down, and nothing that it forgets to ask us for gets anywhere. `exec` all the way: its process id is the one we started.
unshare=$ARCHIVER_UNSHARE browser=$ARCHIVER_BROWSER_PROGRAM
unset ARCHIVER_UNSHARE ARCHIVER_BROWSER_PROGRAM
# shellcheck disable=SC2086  # a command and its options, or nothing
exec $unshare "$browser" "$@"
