"""Who answers on a network, and at which TCP ports: scan.py INTERFACE.

Finds the one other machine by asking all of them (ICMPv6 echo to ff02::1), tries each TCP port of it, and prints its address and
the ports that are open. Exit 1 where nobody or more than one answers, or a port is silent: a closed one says so.
"""

import asyncio
import socket
import struct
import sys
import time

AT_ONCE = 400
ECHO_REQUEST, ECHO_REPLY = 128, 129


def neighbour(interface):
    index = socket.if_nametoindex(interface)
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as raw:
        raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 0)
        raw.settimeout(1)
        found, until = set(), time.monotonic() + 60
        while not found and time.monotonic() < until:
            raw.sendto(struct.pack(">BBHHH", ECHO_REQUEST, 0, 0, 1, 1), ("ff02::1", 0, 0, index))
            try:
                while True:
                    answer, sender = raw.recvfrom(2048)
                    if answer[0] == ECHO_REPLY:
                        found.add(sender[0].split("%")[0])
            except TimeoutError:
                pass
    if len(found) != 1:
        sys.exit(f"expected one machine on {interface}, saw {sorted(found)}")
    return found.pop(), index


async def look(address, index, port, free, seen):
    async with free:
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as one:
            one.setblocking(False)
            try:
                await asyncio.wait_for(loop.sock_connect(one, (address, port, 0, index)), 30)
                seen["open"].append(port)
            except ConnectionRefusedError:
                pass
            except (TimeoutError, asyncio.TimeoutError, OSError) as problem:
                seen["silent"].append((port, str(problem)))


async def scan(address, index):
    free, seen = asyncio.Semaphore(AT_ONCE), {"open": [], "silent": []}
    await asyncio.gather(*(look(address, index, port, free, seen) for port in range(1, 65536)))
    return seen


def require_that_it_finds():
    """One port of this machine, opened for the purpose."""
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listener:
        seen = {"open": [], "silent": []}
        port = listener.getsockname()[1]
        asyncio.run(look("::1", 0, port, asyncio.Semaphore(1), seen))
        if seen["open"] != [port]:
            sys.exit(f"expected to find port {port} of this machine, saw {seen}")


def main():
    require_that_it_finds()
    address, index = neighbour(sys.argv[1])
    seen = asyncio.run(scan(address, index))
    if seen["silent"]:
        sys.exit(f"expected each port of {address} to answer, saw {len(seen['silent'])} silent: {seen['silent'][:3]}")
    print(f"{address}: {len(seen['open'])} open TCP ports {seen['open']}")


main()
