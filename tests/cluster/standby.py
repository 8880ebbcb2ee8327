"""A PostgreSQL primary and a standby that it streams to and waits for; the standby can be promoted."""

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

    def end(self, how=signal.SIGQUIT):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(60)
        self.process = None


class Standby(Primary):
    """Begins as a copy of the primary."""

    name = "standby"

    def __init__(self, directory, port, primary):
        self.primary = primary
        super().__init__(directory, port)

    def make(self):
        self.run([self.program("pg_basebackup"), "-D", "data", "-X", "stream", "-c", "fast", "-R", "-d",
                  f"host=127.0.0.1 port={self.primary.port} user=dspam application_name=standby"])
        self.plain_script()

    def promote(self):
        self.sql("SELECT pg_promote()")
