"""Whose address holdfastd goes by: what HAProxy says of a client counts, what anybody else says does not."""

import ipaddress
import socket
import ssl
import struct

from processes import Failure, say, until

CLIENT = "127.0.0.9"
CLAIMED = "203.0.113.7"  # RFC 5737: nobody's
TIMEOUT_S = 5


def header_of(address):
    """PROXY protocol v2: a TCP connection from that address."""
    packed = ipaddress.ip_address(address).packed
    addresses = packed + ipaddress.ip_address("127.0.0.1").packed + struct.pack("!HH", 40_000, 443)
    return b"\r\n\r\n\0\r\nQUIT\n" + struct.pack("!BBH", 0x21, 0x11, len(addresses)) + addresses


def answer_to(port, header, request):
    """What the service answers to this request from CLIENT; empty where it ended the connection instead."""
    unverified = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE
    try:
        with socket.create_connection(("127.0.0.1", port), TIMEOUT_S, source_address=(CLIENT, 0)) as plain:
            plain.sendall(header)
            with unverified.wrap_socket(plain) as connection:
                connection.sendall(request)
                return connection.recv(4096)
    except (ssl.SSLError, ConnectionError):
        return b""


def require_true_addresses(front):
    """Through HAProxy a client is known by its own address; a header from an address that is not listed is refused."""

    def logs():
        return "".join(service.server.said() for service in front.services)

    refused = b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n"  # which the log tells with the address
    answer = answer_to(front.device_port, b"", refused)
    if not answer.startswith(b"HTTP/1.1 505 "):
        raise Failure(f"expected HTTP/1.0 to be answered with 505, saw {answer[:40]}")
    until(15, f"a log line about {CLIENT}", lambda: f"from {CLIENT}:" in logs())
    direct = front.services[0].device_port
    if answer_to(direct, header_of(CLAIMED), refused):
        raise Failure(f"expected a PROXY header from {CLIENT}, which is not listed, to be refused, saw an answer")
    if CLAIMED in logs():
        raise Failure(f"expected nobody to be taken for {CLAIMED}, saw it in the log")
    say(f"by PROXY protocol v2 a client of HAProxy is known as {CLIENT}; a header from elsewhere is refused")
