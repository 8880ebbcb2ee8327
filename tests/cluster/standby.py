"""A PostgreSQL primary and a standby that it streams to and waits for; the standby can be promoted."""

import os
import signal
import subprocess

from servers import DATABASE, PostgreSQL


class Primary(PostgreSQL):
    """Answers on TCP, too; a COMMIT is answered when the standby has it on its disk, once it is told to wait."""

    name = "primary"

    def __init__(self, directory, port):
        self.port = port
        super().__init__(directory)

    def command(self):
        return ["listen_addresses=127.0.0.1" if word == "listen_addresses=" else word for word in super().command()]

    def wait_for_standby(self):
        self.sql("ALTER SYSTEM SET synchronous_standby_names = 'standby'", DATABASE)
        self.sql("SELECT pg_reload_conf()", DATABASE)

    def standby_is_in_step(self):
        return self.sql("SELECT sync_state FROM pg_stat_replication", DATABASE).strip() == "sync"

    def end(self, how=signal.SIGQUIT):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(60)
        self.process = None

    def sql(self, text, database=DATABASE):
        done = subprocess.run([os.path.join(self.home, f"{self.name}.sh"), text, database], capture_output=True,
                              text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout


class Standby(Primary):
    """Begins as a copy of the primary."""

    name = "standby"

    def __init__(self, directory, port, primary):
        self.primary = primary
        super().__init__(directory, port)

    def make(self):
        self.run([self.program("pg_basebackup"), "-D", "data", "-X", "stream", "-c", "fast", "-R", "-d",
                  f"host=127.0.0.1 port={self.primary.port} user=dspam application_name=standby"])
        self.script(f'exec psql -qAtX -v ON_ERROR_STOP=1 -h {self.directory} -p {self.port} -U dspam'
                    f' -d "${{2:-{DATABASE}}}" -c "$1"')

    def promote(self):
        self.sql("SELECT pg_promote()")
