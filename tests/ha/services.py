"""Two holdfastd on one database behind HAProxy, and the load that is put on them."""

import os
import pathlib
import signal
import socket
import subprocess
import threading

from processes import Failure, Server, dying_with_us, free_ports, run, until

SETTINGS = """\
global
  maxconn 2000
defaults
  mode tcp
  timeout connect 2s
  timeout client 5m
  timeout server 5m
  retries 3
  option redispatch 1
  default-server check inter 500ms fall 2 rise 2 on-marked-down shutdown-sessions send-proxy-v2
"""
PORT_SETTINGS = """\
listen {name}
  bind 127.0.0.1:{port}
  server first 127.0.0.1:{first}
  server second 127.0.0.1:{second}
"""


class Service:
    """One process of holdfastd."""

    def __init__(self, name, folder, programs, device_port, management_port, options):
        self.name, self.folder = name, folder / name
        self.device_port = device_port
        self.folder.mkdir(mode=0o700)
        command = [str(programs / "bin/holdfastd"), "--data", str(self.folder / "data"),
                   "--device-address", f"127.0.0.1:{device_port}",
                   "--management-address", f"127.0.0.1:{management_port}", *options]
        self.server = Server(name, command, folder / f"{name}.log", as_server_user=False)

    def start(self):
        earlier = self.server.said().count("holdfastd: ready") if self.server.log.exists() else 0
        self.server.start()

        def is_ready():
            self.server.require_running()
            return self.server.said().count("holdfastd: ready") > earlier

        until(30, f"{self.name} to be ready", is_ready)

    def data(self):
        return self.folder / "data"


class Front:
    """HAProxy at one address for devices and one for operators, and the two holdfastd behind it."""

    def __init__(self, folder, programs, database):
        self.device_port, self.management_port, *ports = free_ports(6)
        options = ["--database", database, "--device-url", f"https://127.0.0.1:{self.device_port}",
                   "--management-url", f"https://127.0.0.1:{self.management_port}", "--proxy-from", "127.0.0.1/32"]
        first = Service("holdfastd-1", folder, programs, ports[0], ports[1], options)
        second = Service("holdfastd-2", folder, programs, ports[2], ports[3],
                         [*options, "--service-key", str(first.data() / "service.key")])
        self.services = [first, second]
        settings = folder / "haproxy.cfg"
        settings.write_text(SETTINGS + "".join(
            PORT_SETTINGS.format(name=name, port=port, first=ports[i], second=ports[i + 2])
            for i, (name, port) in enumerate([("devices", self.device_port), ("management", self.management_port)])))
        settings.chmod(0o644)
        self.haproxy = Server("HAProxy", ["/usr/sbin/haproxy", "-db", "-f", str(settings)], folder / "haproxy.log")

    def start(self):
        for service in self.services:
            service.start()
        self.haproxy.start()
        for port in (self.device_port, self.management_port):
            until(10, f"HAProxy at port {port}", lambda port=port: self.listens(port))

    def listens(self, port):
        self.haproxy.require_running()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def end(self):
        self.haproxy.kill()
        for service in self.services:
            service.server.kill()


class Load:
    """ha_load, told and heard by lines."""

    def __init__(self, folder, programs, front, devices, operators):
        self.folder = folder / "load"
        self.folder.mkdir(mode=0o700)
        self.ledger = folder / "ledger"
        self.ledger.touch(mode=0o600)
        self.log = folder / "load.log"
        self.programs = programs
        words = [self.folder, front.device_port, front.management_port, front.services[0].data() / "owner-link",
                 self.ledger, devices, operators]
        self.command = dying_with_us("KILL", False) + [str(programs / "test/ha_load"), *map(str, words)]
        self.process = None

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                                            text=True, start_new_session=True)
        self.hear("ready")

    def hear(self, expected):
        """The words after the expected one."""
        timer = threading.Timer(240, self.process.kill)
        timer.start()
        try:
            line = self.process.stdout.readline().split()
        finally:
            timer.cancel()
        if not line or line[0] != expected:
            said = self.log.read_text(errors="replace")[-2000:]
            ended = f" and status {self.process.wait()}" if not line else ""
            raise Failure(f"expected the load to answer '{expected}', saw '{' '.join(line)}'{ended} {said}")
        return line[1:]

    def tell(self, line, expected):
        try:
            print(line, file=self.process.stdin, flush=True)
        except OSError as error:
            raise Failure(f"expected the load to run, saw it end: {error}") from error
        return self.hear(expected)

    def returned(self, prefix=""):
        """Once all whose names begin so were answered: the gap, and how long devices and operators took, in ms."""
        return map(int, self.tell(f"wait {prefix}", "returned"))

    def end(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def holdfast(self, *words):
        """`holdfast` as the owner runs it."""
        environment = {**os.environ, "HOLDFAST_CONFIG": str(self.folder / "operator.json")}
        return run([str(pathlib.Path(self.programs) / "bin/holdfast"), *words], env=environment)

    def acknowledged(self):
        """(kind, name) of each write that was acknowledged; a last line without its end was not."""
        lines = self.ledger.read_text().split("\n")[:-1]
        return [tuple(line.split("\t", 1)) for line in lines]
