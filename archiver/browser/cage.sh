#!/bin/sh
# Starts the browser, where the machine allows it in a network namespace of its own: there it has no interface but a loopback
# that is down, and nothing that it forgets to ask us for gets anywhere. `exec` all the way: its process id is the one we started.
cage=$ARCHIVER_CAGE browser=$ARCHIVER_CAGED
unset ARCHIVER_CAGE ARCHIVER_CAGED
# shellcheck disable=SC2086  # a command and its options, or nothing
exec $cage "$browser" "$@"
