#!/usr/bin/env python3
"""A receiver of Holdfast's webhooks, with the standard library alone (docs/webhooks.md).

webhook_receiver.py --secret-file broker.secret --certificate receiver.pem --key receiver.key --port 8700

Prints one line for each new event, in order. Where it prints, a relying service ends the sessions of these serials.
"""

import argparse
import base64
import binascii
import collections
import hashlib
import hmac
import http.server
import json
import pathlib
import ssl
import time

TOLERANCE_S = 300
BODY_BYTES_MAX = 64 * 1024
IDS_KEPT = 100_000


def key_of(text):
    """The key of a secret as it was shown: whsec_<base64>."""
    prefix, _, encoded = text.strip().partition("_")
    if prefix != "whsec":
        raise ValueError("expected a secret that begins with whsec_")
    return base64.b64decode(encoded, validate=True)


def is_authentic(key, headers, body, now):
    """Whether Holdfast signed this body, with this id, within the last five minutes."""
    event, sent, signatures = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not sent.isascii() or not sent.isdigit() or abs(now - int(sent)) > TOLERANCE_S:
        return False
    expected = hmac.new(key, f"{event}.{sent}.".encode() + body, hashlib.sha256).digest()
    for signature in signatures.split(" "):
        version, _, encoded = signature.partition(",")
        try:
            seen = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            continue
        if version == "v1" and hmac.compare_digest(seen, expected):
            return True
    return False


class Receiver(http.server.BaseHTTPRequestHandler):
    """Answers 204 once an event was taken (or was taken before), 401 to whatever is not signed."""

    protocol_version = "HTTP/1.1"
    timeout = 10
    key = b""
    seen = collections.OrderedDict()

    def do_POST(self):
        length = self.headers.get("content-length", "")
        if not length.isdigit() or int(length) > BODY_BYTES_MAX:
            self.close_connection = True
            return self.answer(413)
        body = self.rfile.read(int(length))
        if not is_authentic(self.key, self.headers, body, time.time()):
            return self.answer(401)
        event = json.loads(body)
        if event["id"] not in self.seen:
            self.take(event)
            self.seen[event["id"]] = None
            if len(self.seen) > IDS_KEPT:
                self.seen.popitem(last=False)
        return self.answer(204)

    def take(self, event):
        """What a relying service does at once: these certificates are worth nothing any more."""
        print(event["sequence"], event["type"], event["device"] or "-", ",".join(event["serials"]) or "-", flush=True)

    def answer(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--secret-file", required=True, type=pathlib.Path)
    parser.add_argument("--certificate", required=True, help="the chain, PEM")
    parser.add_argument("--key", required=True, help="its private key, PEM")
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8700)
    arguments = parser.parse_args()
    Receiver.key = key_of(arguments.secret_file.read_text(encoding="ascii"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.minimum_version = ssl.TLSVersion.TLSv1_3
    tls.load_cert_chain(arguments.certificate, arguments.key)
    server = http.server.ThreadingHTTPServer((arguments.address, arguments.port), Receiver)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
