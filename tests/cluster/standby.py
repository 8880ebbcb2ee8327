"""A PostgreSQL primary and standbys that it streams to and waits for; a standby can be promoted, and have standbys itself."""

import contextlib
import os
import signal

from servers import DATABASE, PostgreSQL


class Primary(PostgreSQL):
    """Answers on TCP, too; a COMMIT is answered when the standby has it on its disk, once it is told to wait."""

    name = "primary"
    quick = ()  # its disk counts

    def __init__(self, directory, port):
        self.port = port
        super().__init__(directory)

    def command(self):
        return ["listen_addresses=127.0.0.1" if word == "listen_addresses=" else word for word in super().command()]

    def make(self):
        super().make()
        self.plain_script()

    def plain_script(self):
        """Columns between bars: a tab would be lost between the words of a shell."""
        self.script(f'client="psql -qAtX -F| -v ON_ERROR_STOP=1 -h {self.directory} -p {self.port} -U dspam"',
                    f'$client -d "${{2:-{DATABASE}}}" -f -', f'$client -d "${{2:-{DATABASE}}}" -c "$1"')

    def wait_for_standby(self):
        self.sql("ALTER SYSTEM SET synchronous_standby_names = 'standby'", DATABASE)
        self.sql("SELECT pg_reload_conf()", DATABASE)

    def standby_is_in_step(self):
        return self.sql("SELECT sync_state FROM pg_stat_replication", DATABASE).strip() == "sync"

    def hang(self):
        """It keeps its connections, and takes new ones, but says nothing."""
        for process in self.processes():
            os.kill(process, signal.SIGSTOP)

    def end_hanging(self):
        """Whatever state it is in."""
        for process in reversed(self.processes() if self.process is not None else []):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.end()

    def position(self):
        """How far it is in what is written."""
        return self.sql("SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END")

    def sums(self, tables):
        """A check sum of each table's rows."""
        return [self.sql(f"SELECT '{table}', count(*), md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM {table} t")
                for table in tables]

    def end(self, how=signal.SIGQUIT):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(60)
        self.process = None


class Standby(Primary):
    """Begins as a copy of the primary."""

    def __init__(self, directory, name, port, primary):
        self.name, self.primary = name, primary
        super().__init__(directory, port)

    def make(self):
        self.run([self.program("pg_basebackup"), "-D", "data", "-X", "stream", "-c", "fast", "-R", "-d",
                  f"host=127.0.0.1 port={self.primary.port} user=dspam application_name=standby"])
        self.plain_script()

    def promote(self):
        self.sql("SELECT pg_promote()")
