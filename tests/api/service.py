"""A holdfastd of the test's own, and requests to it exactly as they are given."""

import base64
import http.client
import json
import os
import pathlib
import re
import ssl
import subprocess
import time
from typing import NamedTuple

READY_S = 20
REQUESTS_PER_SOURCE = 200  # fewer than what the service allows one address at once
ADDRESS = re.compile(r"management at https://127\.0\.0\.1:(\d+)")
EST_ADDRESS = re.compile(r"EST at https://127\.0\.0\.1:(\d+)")


class Answer(NamedTuple):
    status: int
    headers: dict  # lower-case names
    body: bytes

    def json(self):
        return json.loads(self.body)


class Service:
    """`binaries` is the folder of the programs, `bridge` tests/api/bridge.cc as a program, `work` an empty folder."""

    def __init__(self, binaries, bridge, work):
        self.binaries, self.bridge, self.work = pathlib.Path(binaries), bridge, pathlib.Path(work)
        self.config = self.work / "operator.json"
        self.log = self.work / "holdfastd.log"
        self.process = None
        self.connection = None
        self.requests = 0

    def start(self):
        command = [self.binaries / "holdfastd", "--data", self.work / "service", "--webhook-allow", "127.0.0.0/8",
                   "--device-address", "127.0.0.1:0", "--management-address", "127.0.0.1:0", "--est-address", "127.0.0.1:0"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        end = time.monotonic() + READY_S
        while "holdfastd: ready" not in self.log.read_text():
            if self.process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"holdfastd did not start:\n{self.log.read_text()}")
            time.sleep(0.02)
        self.port = int(ADDRESS.search(self.log.read_text()).group(1))
        self.est_port = int(EST_ADDRESS.search(self.log.read_text()).group(1))

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(READY_S)

    def connect(self):
        # The contract is about what is said, not about who is spoken to: that is tests/attack's.
        context = ssl._create_unverified_context()
        source = f"127.0.1.{self.requests // REQUESTS_PER_SOURCE + 1}"
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=30, source_address=(source, 0))

    def send(self, method, target, headers=None, body=None):
        """One request; a connection that the service closed after the last one is opened again."""
        self.requests += 1
        for fresh in (self.requests % REQUESTS_PER_SOURCE == 0, True):
            if self.connection is None or fresh:
                self.connection = self.connect()
            try:
                self.connection.request(method, target, body=body, headers=headers or {})
                response = self.connection.getresponse()
                answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
                if answer.headers.get("connection") == "close":
                    self.connection = None
                return answer
            except (http.client.RemoteDisconnected, ConnectionError, ssl.SSLEOFError):
                self.connection = None
        raise AssertionError(f"no answer to {method} {target}")

    def enrol_thing(self, catalog, thing, secret):
        """By EST (RFC 7030), with a key that openssl makes."""
        request = self.work / f"{thing}.csr"
        subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                        f"/O={catalog}/CN={thing}", "-outform", "DER", "-keyout", request.with_suffix(".key"), "-out", request],
                       check=True, capture_output=True)
        connection = http.client.HTTPSConnection("127.0.0.1", self.est_port, context=ssl._create_unverified_context(), timeout=30)
        user = base64.b64encode(f"{thing}:{secret}".encode()).decode()
        headers = {"Authorization": f"Basic {user}", "Content-Type": "application/pkcs10", "Content-Transfer-Encoding": "base64"}
        connection.request("POST", f"/.well-known/est/{catalog}/simpleenroll", base64.b64encode(request.read_bytes()), headers)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        assert response.status == 200, f"EST answered {thing} with {response.status}: {body[:300]}"

    def run_owner(self, arguments, exchange):
        """A command of `holdfast` whose requests are made by `exchange(method, target, headers, body)`."""
        command = [self.bridge, *arguments]
        with (self.work / "owner.log").open("ab") as log:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
            for line in process.stdout:
                asked = json.loads(line)
                headers = {"Content-Type": asked["content_type"]}
                if asked["token"]:
                    headers["Authorization"] = f"Bearer {asked['token']}"
                if asked["key"]:
                    headers["Idempotency-Key"] = asked["key"]
                answer = exchange(asked["method"], asked["path"], headers, base64.b64decode(asked["body"]))
                told = {"status": answer.status, "body": base64.b64encode(answer.body).decode()}
                process.stdin.write(json.dumps(told).encode() + b"\n")
                process.stdin.flush()
        if process.wait() != 0:
            raise AssertionError(f"holdfast {' '.join(map(str, arguments))} failed:\n"
                                 f"{(self.work / 'owner.log').read_text()[-2000:]}")

    def run(self, program, *arguments):
        environment = {**os.environ, "HOLDFAST_CONFIG": str(self.config)}
        command = [self.binaries / program, *map(str, arguments)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(f"{program} {' '.join(map(str, arguments))} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def token(self):
        return json.loads(self.config.read_text())["token"]
