"""Who else is on a device's network: neighbours.py ADDRESS.

A time server (SNTP, RFC 4330), and an HTTP proxy at port 3128, for which 10.0.2.2 is this machine's loopback and
the only host that there is. Says on standard output whom it helped.
"""

import socket
import struct
import sys
import threading
import time

SINCE_1900 = 2_208_988_800
SERVICE = "10.0.2.2"


def tell_time(address):
    clock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    clock.bind((address, 123))
    while True:
        asked, sender = clock.recvfrom(512)
        if len(asked) < 48:
            continue
        now = struct.pack(">II", int(time.time() + SINCE_1900), 0)
        # leap 0, version 4, mode server; stratum 1; poll; precision; delay; dispersion; reference
        head = struct.pack(">BBbbII4s", 4 << 3 | 4, 1, 6, -20, 0, 0, b"TEST")
        clock.sendto(head + now + asked[40:48] + now + now, sender)
        print(f"time for {sender[0]}", flush=True)


def pass_on(one, other):
    try:
        while data := one.recv(65536):
            other.sendall(data)
    except OSError:
        pass
    for end in (one, other):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def connect(client, sender):
    head = b""
    while b"\r\n\r\n" not in head:
        more = client.recv(4096)
        if not more:
            return
        head += more
    method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
    host, _, port = target.rpartition(":")
    if method != "CONNECT" or host != SERVICE:
        client.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")
        return
    service = socket.create_connection(("127.0.0.1", int(port)))
    print(f"way for {sender[0]}", flush=True)
    client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    threading.Thread(target=pass_on, args=(service, client), daemon=True).start()
    pass_on(client, service)


def main():
    address = sys.argv[1]
    threading.Thread(target=tell_time, args=(address,), daemon=True).start()
    with socket.create_server((address, 3128)) as proxy:
        while True:
            client, sender = proxy.accept()
            threading.Thread(target=connect, args=(client, sender), daemon=True).start()


main()
