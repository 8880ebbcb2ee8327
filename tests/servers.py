"""Database servers of their own for tests: PostgreSQL and MariaDB on UNIX sockets below a directory.

    tests/servers.py DIRECTORY [pgsql|mysql]...   start these, or both, say so, stop them when standard input ends

Each leaves in DIRECTORY what tests need: pgsql.data or mysql.data, which the programs read in place of directives when it
is their Home, and pgsql.sh or mysql.sh, which run the SQL that they are given (-: that comes by standard input), in the
database named after it. These servers do not wait for the disk (Server.quick): nothing of theirs outlives the tests.
"""

import glob
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time

DATABASE = "dspam"
PASSWORD = "dspam"
ENVIRONMENT = {**os.environ, "TZ": "UTC"}  # their day is that of the programs


def user_of_service(name):
    """Servers do not run as root: the user that their package has made."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return pwd.getpwnam("nobody")


def run_sql(directory, name, text, database=DATABASE):
    """Run SQL on the server `name` that has left its scripts in `directory`, and return what it prints."""
    done = subprocess.run([os.path.join(directory, f"{name}.sh"), "-", database], input=text, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{done.stderr}\n{text[:2000]}")
    return done.stdout


class Server:
    """A server that was started here, and only that one is stopped. `port` None: only its socket."""

    name = ""
    account = ""
    quick = ()  # options with which it does not wait for the disk

    def __init__(self, directory, options=()):
        self.directory = os.path.join(directory, self.name)
        self.home = directory
        self.options = list(options)
        self.user = user_of_service(self.account)
        self.process = None
        os.makedirs(self.directory)
        os.chmod(directory, 0o755)
        if self.user:
            os.chown(self.directory, self.user.pw_uid, self.user.pw_gid)
        self.make()

    def run(self, command, **more):
        return subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              cwd=self.directory, env=ENVIRONMENT, **self.identity(), **more).stdout

    def identity(self):
        return {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}

    def start(self):
        with open(os.path.join(self.directory, "log"), "ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            cwd=self.directory, env=ENVIRONMENT, start_new_session=True, **self.identity())
        for _ in range(600):
            if self.is_ready():
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        with open(os.path.join(self.directory, "log"), encoding="utf-8", errors="replace") as log:
            raise RuntimeError(f"{self.name} does not start:\n{log.read()[-4000:]}")

    def stop(self, how=signal.SIGTERM):
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(60)
            self.process = None

    def data(self, host, port, user):
        path = os.path.join(self.home, f"{self.name}.data")
        with open(path, "w", encoding="ascii") as file:
            file.write(f"{host}\n{port}\n{user}\n{PASSWORD}\n{DATABASE}\n")

    def script(self, client, from_input, from_argument):
        path = os.path.join(self.home, f"{self.name}.sh")
        with open(path, "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\n{client}\n[ \"$1\" = - ] && exec {from_input}\nexec {from_argument}\n")
        os.chmod(path, 0o755)

    def processes(self):
        """Numbers of the server and its helpers: a signal for all of them stops it as a whole."""
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False)
        return [self.process.pid, *map(int, children.stdout.split())]

    def sql(self, text, database=DATABASE):
        """Run SQL and return what it prints."""
        return run_sql(self.home, self.name, text, database)


class PostgreSQL(Server):
    name = "pgsql"
    account = "postgres"
    quick = ("fsync=off", "full_page_writes=off")
    port = 5432

    @staticmethod
    def programs():
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
        return found[-1] if found else None

    @classmethod
    def is_installed(cls):
        return cls.programs() is not None

    def program(self, name):
        return os.path.join(self.programs(), name)

    def make(self):
        self.run([self.program("initdb"), "-D", "data", "-U", "dspam", "-A", "trust", "-E", "SQL_ASCII", "--locale=C",
                  "--no-sync"])
        self.data(self.directory, self.port, "dspam")
        self.script(f'client="psql -qAtX -v ON_ERROR_STOP=1 -h {self.directory} -p {self.port} -U dspam"',
                    f'$client -d "${{2:-{DATABASE}}}" -f -', f'$client -d "${{2:-{DATABASE}}}" -c "$1"')

    def command(self):
        return [self.program("postgres"), "-D", "data", "-k", self.directory, "-c", "listen_addresses=",
                "-c", f"port={self.port}", *[word for option in self.options for word in ("-c", option)]]

    def is_ready(self):
        psql = ["psql", "-qAtX", "-h", self.directory, "-p", str(self.port), "-U", "dspam"]
        if subprocess.run([*psql, "-d", "postgres", "-c", "SELECT 1"], capture_output=True, check=False).returncode:
            return False
        there = self.run([*psql, "-d", "postgres", "-c", f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"])
        if not there:
            self.run([*psql, "-d", "postgres", "-c", f"CREATE DATABASE {DATABASE}"])
        return True

    def stop(self, how=signal.SIGINT):
        super().stop(how)


class MariaDB(Server):
    name = "mysql"
    account = "mysql"
    quick = ("innodb-flush-log-at-trx-commit=2", "skip-innodb-doublewrite", "innodb-flush-method=nosync")

    @classmethod
    def is_installed(cls):
        return shutil.which("mariadbd", path="/usr/sbin:/usr/bin") is not None

    @property
    def socket(self):
        return os.path.join(self.directory, "socket")

    def make(self):
        self.run(["mariadb-install-db", "--no-defaults", f"--datadir={self.directory}/data",
                  "--auth-root-authentication-method=normal", "--skip-test-db"])
        self.data(self.socket, 3306, "dspam")
        self.script(f'client="mariadb --no-defaults -N -B -S {self.socket} -u root"',
                    f'$client "${{2:-{DATABASE}}}"', f'$client "${{2:-{DATABASE}}}" -e "$1"')

    def command(self):
        return ["/usr/sbin/mariadbd", "--no-defaults", f"--datadir={self.directory}/data", f"--socket={self.socket}",
                "--skip-networking", f"--pid-file={self.directory}/pid", *[f"--{option}" for option in self.options]]

    def is_ready(self):
        client = ["mariadb", "--no-defaults", "-S", self.socket, "-u", "root", "-e"]
        setup = (f"CREATE DATABASE IF NOT EXISTS {DATABASE}; CREATE USER IF NOT EXISTS dspam@localhost IDENTIFIED BY"
                 f" '{PASSWORD}'; GRANT ALL ON *.* TO dspam@localhost;")
        return subprocess.run([*client, setup], capture_output=True, check=False).returncode == 0


KINDS = (PostgreSQL, MariaDB)


def main():
    directory, names = sys.argv[1], sys.argv[2:]
    servers = [kind(directory, kind.quick).start() for kind in KINDS
               if kind.is_installed() and (not names or kind.name in names)]
    print("ready", flush=True)
    sys.stdin.read()
    for server in servers:
        server.stop()


if __name__ == "__main__":
    main()
