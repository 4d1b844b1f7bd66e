"""Three PostgreSQL servers under Patroni and etcd, all on loopback, in one folder."""

import json
import signal
import urllib.error
import urllib.request

from processes import Failure, Server, children_of, free_ports, is_alive, kill_if_there, run, server_folder, until

PROGRAMS = "/usr/lib/postgresql/15/bin"
ROLE = "holdfast"
# Patroni gives up a leader that has not been heard of for `ttl`; 20 s is the least that its manual allows. A leader
# renews its claim each `loop_wait`, so that a dead one is missed after 18 to 20 s.
TIMES = {"ttl": 20, "loop_wait": 2, "retry_timeout": 3}
LAG_MAX = 1 << 40  # who may take over is decided by synchronous_mode alone, not by how far a standby is behind

PARAMETERS = {
    "shared_buffers": "32MB",
    "max_connections": 100,
    "recovery_init_sync_method": "syncfs",
    "log_min_messages": "warning",
}


class Node:
    """One PostgreSQL server with its Patroni."""

    def __init__(self, name, folder, ports, etcd_port, synchronous):
        self.name, self.port, self.api_port = name, *ports
        self.folder = server_folder(folder / name)
        self.data = self.folder / "data"
        settings = self.folder / "patroni.yml"
        settings.write_text(json.dumps(self.settings(etcd_port, synchronous), indent=1))  # JSON is YAML
        settings.chmod(0o644)
        self.patroni = Server(f"Patroni of {name}", ["patroni", str(settings)], folder / f"{name}.log", "TERM")

    def settings(self, etcd_port, synchronous):
        at, api = f"127.0.0.1:{self.port}", f"127.0.0.1:{self.api_port}"
        return {
            "scope": "holdfast",
            "name": self.name,
            "restapi": {"listen": api, "connect_address": api},
            # Over etcd's newer interface, Patroni 3.0.2 renews its claim without looking whether it still has it: one
            # that was held up for longer than `ttl` takes the cluster back from the new primary, whose writes are lost.
            "etcd": {"host": f"127.0.0.1:{etcd_port}"},
            "bootstrap": {
                "dcs": {
                    **TIMES,
                    "maximum_lag_on_failover": LAG_MAX,
                    "synchronous_mode": synchronous,
                    "postgresql": {"use_pg_rewind": True, "use_slots": True, "parameters": PARAMETERS},
                },
                "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums", "no-sync"],
            },
            "postgresql": {
                "listen": at,
                "connect_address": at,
                "data_dir": str(self.data),
                "bin_dir": PROGRAMS,
                "pgpass": str(self.folder / "pgpass"),
                "parameters": {"unix_socket_directories": str(self.folder)},
                "pg_hba": ["local all all trust", "host all all 127.0.0.1/32 trust",
                           "host replication all 127.0.0.1/32 trust"],
                "authentication": {
                    "superuser": {"username": "postgres"},
                    "replication": {"username": "replicator"},
                    "rewind": {"username": "rewinder"},
                },
                "remove_data_directory_on_rewind_failure": True,
                "remove_data_directory_on_diverged_timelines": True,
            },
        }

    def ask(self, sql, database="postgres"):
        return run([f"{PROGRAMS}/psql", "-qAtX", "-F", "\t", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres",
                    "-d", database, "-c", sql]).splitlines()

    def has_database(self):
        return bool(self.ask(f"SELECT 1 FROM pg_database WHERE datname = '{ROLE}'"))

    def postmaster(self):
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    def senders(self):
        """The processes that send its log to the standbys."""
        return [int(pid) for pid in self.ask("SELECT pid FROM pg_stat_replication")]

    def die(self):
        """As if its machine lost power: all of PostgreSQL, and Patroni, which would start it again in place."""
        pid = self.postmaster()
        if pid is None:
            raise Failure(f"expected PostgreSQL of {self.name} to run, saw no postmaster.pid")
        for one in [pid, *children_of(pid)]:
            kill_if_there(one, signal.SIGKILL)
        self.patroni.kill()
        return pid

    def quit(self):
        """Nothing of it need last any more. The process that has yet to end."""
        self.patroni.kill()
        pid = self.postmaster()
        if pid is not None:
            kill_if_there(pid, signal.SIGQUIT)
        return pid


class Cluster:
    def __init__(self, folder, synchronous):
        self.synchronous = synchronous
        client, peer, *ports = free_ports(8)
        etcd_folder = server_folder(folder / "etcd")
        self.etcd = Server("etcd", etcd_command(etcd_folder, client, peer), folder / "etcd.log")
        self.nodes = [Node(f"node-{i + 1}", folder, ports[2 * i:2 * i + 2], client, synchronous) for i in range(3)]

    def url(self):
        """For libpq: all three, in any order; holdfastd itself insists on the one that takes writes."""
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
        return f"postgres://{ROLE}@{hosts}/{ROLE}"

    def start(self):
        self.etcd.start()
        for node in self.nodes:
            node.patroni.start()
        self.wait_until_whole()
        self.primary().ask(f"CREATE ROLE {ROLE} LOGIN")
        self.primary().ask(f"CREATE DATABASE {ROLE} OWNER {ROLE}")
        # A client that asks a standby for a database that is not there yet does not go on to the next server.
        until(20, "the database on every node", lambda: all(node.has_database() for node in self.nodes))

    def end(self):
        left = [node.quit() for node in self.nodes]
        self.etcd.kill()
        until(20, "PostgreSQL to end", lambda: not any(pid is not None and is_alive(pid) for pid in left))

    def members(self):
        """What Patroni says of each, by name, whoever of them answers."""
        for node in self.nodes:
            if not node.patroni.is_running():
                continue
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{node.api_port}/cluster", timeout=2) as answer:
                    return {one["name"]: one for one in json.load(answer)["members"]}
            except (OSError, urllib.error.URLError, ValueError):
                continue
        return {}

    def primary(self):
        members = self.members()
        for node in self.nodes:
            if members.get(node.name, {}).get("role") == "leader":
                return node
        raise Failure(f"expected a primary, saw {members or 'no answer from Patroni'}")

    def wait_until_whole(self):
        """A primary with two standbys that follow it, one of them synchronous where that is asked for."""
        until(120, "a primary and two standbys that follow it", self.is_whole)

    def is_whole(self):
        for server in [self.etcd, *(node.patroni for node in self.nodes)]:
            server.require_running()
        members = self.members()
        roles = sorted(one.get("role", "none") for one in members.values())
        wanted = ["leader", "replica", "sync_standby" if self.synchronous else "replica"]
        seen = ", ".join(f"{name}: {one.get('role')} {one.get('state')}" for name, one in sorted(members.items()))
        if roles != wanted or any(one.get("state") not in ("running", "streaming") for one in members.values()):
            return seen
        streams = self.primary().ask("SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming' ORDER BY 1")
        return streams == (["async", "sync"] if self.synchronous else ["async", "async"]) or f"streams {streams}"


def etcd_command(folder, client_port, peer_port):
    client, peer = f"http://127.0.0.1:{client_port}", f"http://127.0.0.1:{peer_port}"
    return [
        "etcd", "--name", "only", "--data-dir", str(folder / "data"), "--listen-client-urls", client,
        "--advertise-client-urls", client, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
        "--initial-cluster", f"only={peer}", "--enable-v2", "--logger", "zap", "--log-level", "warn",
    ]
