"""Sockets: which of them a browser's processes open, looked at again and again; and ears that must hear nothing."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

PAUSE_SECONDS = 0.002


@dataclass(frozen=True, slots=True)
class Socket:
    """One line of /proc/<pid>/net/{tcp,tcp6,udp,udp6} (proc(5)) that belongs to a watched process."""

    protocol: str
    peer: str
    """Address and port in hexadecimal; zeros where it is not connected."""

    @property
    def connected(self) -> bool:
        return bool(self.peer.partition(":")[0].strip("0"))


class Watcher(threading.Thread):
    """Looks at all sockets of all processes until it is told to stop."""

    def __init__(self, processes: Callable[[], tuple[int, ...]]) -> None:
        super().__init__(daemon=True)
        self.seen: set[Socket] = set()
        self.looks = 0
        self._processes = processes
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(PAUSE_SECONDS):
            if self.looks % 20 == 0:  # finding all processes takes longer than looking at what they have open
                pids = self._processes()
            for pid in pids:
                with suppress(OSError):  # it has ended
                    self.seen.update(_sockets(pid))
            self.looks += 1

    def saw_within(self, seconds: float, *protocols: str) -> set[str]:
        """Which of the protocols were seen, in time: a connected TCP socket, any UDP socket."""
        end, saw = time.monotonic() + seconds, set[str]()
        while not saw.issuperset(protocols) and time.monotonic() < end:
            saw = {seen.protocol[:3] for seen in tuple(self.seen) if seen.connected or seen.protocol.startswith("udp")}
            time.sleep(0.01)
        return saw

    @contextmanager
    def watching(self) -> Iterator["Watcher"]:
        self.start()
        try:
            yield self
        finally:
            self._stopped.set()
            self.join()


def _sockets(pid: int) -> Iterator[Socket]:
    inodes = set()
    for name in os.listdir(f"/proc/{pid}/fd"):  # noqa: PTH208  in a tight loop
        with suppress(OSError):
            target = os.readlink(f"/proc/{pid}/fd/{name}")  # noqa: PTH115  in a tight loop
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    for protocol in ("tcp", "tcp6", "udp", "udp6"):
        table = Path(f"/proc/{pid}/net/{protocol}")  # of the namespace in which the process is
        for line in table.read_text(encoding="ascii").splitlines()[1:]:
            columns = line.split()
            if columns[9] in inodes:
                yield Socket(protocol, columns[2])


def sent(pid: int) -> dict[str, int]:
    """What the kernel counts in the network namespace of a process: packets sent, connections begun."""
    counted = {}
    names: list[str] = []
    for line in Path(f"/proc/{pid}/net/snmp").read_text(encoding="ascii").splitlines():
        kind, *rest = line.split()
        if names and rest[0].lstrip("-").isdigit():
            counted.update({f"{kind}{name}": int(value) for name, value in zip(names, rest, strict=True)})
        else:
            names = rest
    for line in Path(f"/proc/{pid}/net/snmp6").read_text(encoding="ascii").splitlines():
        name, value = line.split()
        counted[name] = int(value)
    wanted = ("Ip:OutRequests", "Tcp:ActiveOpens", "Udp:OutDatagrams", "Ip6OutRequests", "Udp6OutDatagrams")
    return {name: counted[name] for name in wanted if name in counted}


@dataclass(slots=True)
class Ears:
    """Listens on this machine's addresses, by TCP and UDP, on one port each."""

    tcp_port: int
    udp_port: int
    _sockets: list[socket.socket] = field(default_factory=list)
    _callers: list[socket.socket] = field(default_factory=list)  # stay connected, so that a watcher has time to see them

    def heard(self) -> list[str]:
        """Who called: one line for each connection and each datagram that is waiting."""
        calls = []
        for ear in self._sockets:
            with suppress(BlockingIOError):
                while True:
                    if ear.type == socket.SOCK_STREAM:
                        connection, caller = ear.accept()
                        self._callers.append(connection)
                        calls.append(f"tcp from {caller}")
                    else:
                        data, caller = ear.recvfrom(2048)
                        calls.append(f"udp from {caller}: {data[:20].hex()}")
        return calls

    def hang_up(self) -> None:
        for connection in self._callers:
            connection.close()

    def heard_within(self, seconds: float, *protocols: str) -> set[str]:
        """Which of the protocols were heard, in time."""
        end, heard = time.monotonic() + seconds, set[str]()
        while not heard.issuperset(protocols) and time.monotonic() < end:
            heard |= {call[:3] for call in self.heard()}
            time.sleep(0.01)
        return heard


@contextmanager
def listening() -> Iterator[Ears]:
    with ExitStack() as stack:
        tcp = stack.enter_context(socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("", 0))
        for ear in (tcp, udp):
            ear.setblocking(False)
        ears = Ears(tcp.getsockname()[1], udp.getsockname()[1], [tcp, udp])
        stack.callback(ears.hang_up)
        yield ears
