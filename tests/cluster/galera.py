"""A MariaDB Galera cluster of three nodes on loopback: each may be killed, stopped, cut off, and started again."""

import os
import shutil
import signal
import socket
import subprocess
import time

from ports import free_port
from servers import DATABASE, PASSWORD, MariaDB

NODES = 3
PROVIDER = "/usr/lib/galera/libgalera_smm.so"
SECONDS = 180
# Galera's own defaults: a silent node is suspected, and put out at once if all others agree; put out whatever they say.
SUSPECT_SECONDS, INACTIVE_SECONDS = 5, 15


def free_ports(count):
    return [free_port() for _ in range(count)]


class Node(MariaDB):
    """One of the nodes; `peers` are the group ports of all."""

    def __init__(self, directory, number, ports, peers):
        self.name = f"node-{number}"
        self.port, self.group, self.ist, self.sst = ports
        self.peers = peers
        super().__init__(directory)

    def command(self):
        # Who finds nobody begins a new cluster.
        others = "" if not any(listens(port) for port in self.peers) else ",".join(f"127.0.0.1:{port}" for port in self.peers)
        provider = (f"gmcast.listen_addr=tcp://127.0.0.1:{self.group};ist.recv_addr=127.0.0.1:{self.ist};"
                    f"evs.suspect_timeout=PT{SUSPECT_SECONDS}S;evs.inactive_timeout=PT{INACTIVE_SECONDS}S;"
                    "gcache.size=128M;pc.recovery=FALSE")
        options = [
            f"port={self.port}", "bind-address=127.0.0.1", "skip-name-resolve", "binlog-format=ROW",
            "innodb-autoinc-lock-mode=2", "innodb-flush-log-at-trx-commit=2", "innodb-buffer-pool-size=64M",
            "wsrep-on=ON", f"wsrep-provider={PROVIDER}", f"wsrep-cluster-address=gcomm://{others}",
            f"wsrep-node-address=127.0.0.1:{self.group}", f"wsrep-node-incoming-address=127.0.0.1:{self.port}",
            "wsrep-sst-method=rsync", f"wsrep-sst-receive-address=127.0.0.1:{self.sst}",
            f"wsrep-provider-options={provider}",
        ]
        return ["/usr/sbin/mariadbd", "--no-defaults", f"--datadir={self.directory}/data", f"--socket={self.socket}",
                f"--pid-file={self.directory}/pid", *[f"--{option}" for option in options]]

    def is_ready(self):
        return self.state() == "Synced"

    def status(self):
        """What the node says of itself, by name; nothing when it is silent."""
        try:
            done = subprocess.run(["mariadb", "--no-defaults", "-N", "-B", "-S", self.socket, "-u", "root", "-e",
                                   "SHOW GLOBAL STATUS LIKE 'wsrep%'"],
                                  capture_output=True, text=True, check=False, timeout=10)
        except subprocess.TimeoutExpired:
            return {}
        return dict(line.split("\t", 1) for line in done.stdout.splitlines())

    def state(self):
        """"" when it is silent, or not ready."""
        status = self.status()
        return status.get("wsrep_local_state_comment", "") if status.get("wsrep_ready") == "ON" else ""

    def members(self):
        """How many nodes it sees in its cluster."""
        return int(self.status().get("wsrep_cluster_size", 0))

    def conflicts(self):
        """How many transactions it has given up because another node was first."""
        status = self.status()
        return int(status["wsrep_local_cert_failures"]) + int(status["wsrep_local_bf_aborts"])

    def hang(self):
        """It keeps its connections, and takes new ones, but says nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def wait(self, state="Synced"):
        """Until the node is in this state."""
        for _ in range(SECONDS * 5):
            if self.state() == state:
                return
            time.sleep(0.2)
        raise AssertionError(f"{self.name} is not {state or 'away'} after {SECONDS} s, but {self.state()}")

    def end(self, how=signal.SIGKILL):
        """However it is: also when it is stopped, or has ended by itself."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(60)
        self.process = None

    def isolate(self, on):
        """Cut the node off from the others: its clients still reach it."""
        self.sql(f"SET GLOBAL wsrep_provider_options = 'gmcast.isolate={int(on)}'", "mysql")


class Held:
    """While this is entered, the node does not apply what the others commit; it is Synced, and answers questions."""

    def __init__(self, node):
        self.client = subprocess.Popen(
            ["mariadb", "--no-defaults", "-N", "-B", "-n", "-S", node.socket, "-u", "root", DATABASE],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        # Whoever applies the lesson of another node waits for this lock, and who only reads does not.
        self.client.stdin.write("LOCK TABLES dspam_generation READ; SELECT 'held';\n")
        self.client.stdin.flush()
        assert self.client.stdout.readline() == "held\n"
        return self

    def release(self):
        self.client.communicate()

    def __exit__(self, *_):
        if self.client.returncode is None:
            self.release()


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def missing():
    """What is not installed, or None."""
    if not MariaDB.is_installed() or not os.path.exists(PROVIDER):
        return "mariadb-server and galera-4"
    return None if shutil.which("rsync") else "rsync"


def start(directory):
    """The nodes of a new cluster, with an empty database and a user who may use it."""
    ports = free_ports(4 * NODES)
    own = [ports[4 * i:4 * i + 4] for i in range(NODES)]
    peers = [group for _, group, _, _ in own]
    nodes = [Node(directory, i + 1, own[i], peers) for i in range(NODES)]
    try:
        nodes[0].start()
        nodes[0].sql(f"CREATE DATABASE {DATABASE}; CREATE USER dspam@'%' IDENTIFIED BY '{PASSWORD}';"
                     f" GRANT ALL ON {DATABASE}.* TO dspam@'%'", "mysql")
        for node in nodes[1:]:
            node.start()
    except BaseException:
        stop(nodes)
        raise
    return nodes


def whole(nodes):
    """Whether all nodes are in one cluster, and have what the others have."""
    return all(node.state() == "Synced" and node.members() == len(nodes) for node in nodes)


def stop(nodes):
    for node in reversed(nodes):
        node.end()
