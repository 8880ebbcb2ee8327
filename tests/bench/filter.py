"""What dspam needs: in process, through the daemon, as one process a message."""

import os
import shutil
import sqlite3
import sys

import lmtp
import mail
import process

USER = "bench"
ADAPTIVE = "adaptive"
CLASSIC = """\
Tokenizer {tokenizer}
Algorithm graham burton
PValue bcr
ProcessorURLContext on
TestConditionalTraining off"""
CONFIG = """\
Home {home}
StorageDriver {driver}
Trust root
Trust {login}
{engine}
TrainingMode {mode}
LogLevel warning
SystemLog off
UserLog off
ServerMode standard
ServerHost 127.0.0.1
ServerPort {port}
ServerPID {home}/dspam.pid
ServerParameters "--deliver=innocent,spam"
DeliveryHost 127.0.0.1
DeliveryPort {sink}
DeliveryProto LMTP
"""


class Filter:
    """The programs in `programs`, with one tokenizer, or Algorithm adaptive by that name; everything is below `scratch`."""

    def __init__(self, programs, scratch, tokenizer, login, driver="sqlite"):
        self.driver = driver
        self.programs = programs
        self.scratch = scratch
        self.tokenizer = tokenizer
        self.login = login
        self.sink_port = process.free_port()

    def program(self, name):
        return os.path.join(self.programs, name)

    def home(self, name):
        """A new, empty one."""
        home = os.path.join(self.scratch, f"{self.tokenizer}-{name}")
        shutil.rmtree(home, ignore_errors=True)
        os.mkdir(home)
        return home

    def config(self, home, mode, port=24):
        path = os.path.join(home, f"{mode}.conf")
        engine = "Algorithm adaptive" if self.tokenizer == ADAPTIVE else CLASSIC.format(tokenizer=self.tokenizer)
        values = {"driver": self.driver, "engine": engine, "home": home, "mode": mode, "port": port, "sink": self.sink_port,
                  "login": self.login}
        with open(path, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(**values))
        return path

    # ---- in process -----------------------------------------------------------------

    def replay(self, messages):
        """dspam_eval with a store in memory: judge and learn each message, all in one process."""
        home = self.home("eval")
        index = os.path.join(home, "index")
        mail.write_index(messages, index)
        command = [self.program("dspam_eval"), "--config", self.config(home, "teft"), "--index", index]
        used = process.run(command, with_peak=True)
        said = {line[:14].strip(): line[14:].split()[0] for line in used.output.splitlines() if line[14:].strip()}
        return {
            "classify_ms": float(said["classify ms"]), "learn_ms": float(said["learn ms"]), "peak_kib": used.peak,
            "errors": int(said["errors"]), "1-ROCA%": said["1-ROCA%"],
        }

    # ---- a store that has learned ---------------------------------------------------

    def train(self, messages):
        """A home whose store has judged and learned all messages, with errors corrected; and what it took."""
        home = self.home("trained")
        index = os.path.join(home, "index")
        mail.write_index(messages, index)
        config = self.config(home, "teft")
        used = process.run([self.program("dspam_train"), "--config", config, USER, "-i", index], with_peak=True)
        figures = {"learn_ms": 1000 * used.seconds / len(messages), "peak_kib": used.peak}
        return home, figures | self.store_size(home)

    def store_size(self, home):
        """Bytes of the store at rest, those of its tokens among them, and the number of rows that they are."""
        path = os.path.join(home, "dspam.sqlite")
        copy = os.path.join(self.home("copy"), "dspam.sqlite")
        with sqlite3.connect(path) as source, sqlite3.connect(copy) as target:
            source.backup(target)
        source.close()
        target.close()
        dump = [self.program("dspam_dump"), "--config", self.config(os.path.dirname(copy), "teft"), USER]
        rows = process.run(dump).output.count("\n")
        tokens = token_bytes(path)
        return {"store_bytes": os.path.getsize(path), "token_bytes": tokens, "rows": rows,
                "bytes_a_row": tokens / rows if tokens and rows else None}

    # ---- through the daemon ---------------------------------------------------------

    def serve(self, home, mode, messages, connections):
        """Send the messages; the processor time is the daemon's alone, as the senders and the next hop are others."""
        port = process.free_port()
        count = os.path.join(self.scratch, "sink.count")
        log = os.path.join(home, "daemon.log")
        sink = [sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "sink.py")]
        command = [self.program("dspam"), "--daemon", "--nofork", "--config", self.config(home, mode, port)]
        with process.Server([*sink, str(self.sink_port), count], self.sink_port, log):
            with process.Server(command, port, log) as daemon:
                before = daemon.seconds()
                try:
                    lmtp.send(port, USER, messages, connections)
                except OSError as error:
                    raise SystemExit(f"{error}\n{daemon.said()}") from error
                seconds, peak = daemon.seconds() - before, daemon.peak()
        with open(count, encoding="ascii") as file:
            arrived = int(file.read())
        if arrived != len(messages):
            raise SystemExit(f"{len(messages)} messages went in, {arrived} came out")
        return {"ms": 1000 * seconds / len(messages), "peak_kib": peak, "messages": len(messages)}

    # ---- one process a message ------------------------------------------------------

    def one_by_one(self, home, messages):
        dspam = [self.program("dspam"), "--config", self.config(home, "teft"), "--user", USER]
        words = {"spam": "--class=spam", "ham": "--class=innocent"}
        classify = [process.run([*dspam, "--classify"], message.path).seconds for message in messages]
        learn = [process.run([*dspam, words[message.gold], "--source=corpus"], message.path).seconds
                 for message in messages]
        peak = [process.run([*dspam, "--classify"], message.path, with_peak=True).peak
                for message in mail.spread(messages, 20)]
        return {"classify_ms": mean_ms(classify), "learn_ms": mean_ms(learn),
                "peak_kib": max(peak) if peak[0] else None, "messages": len(messages)}


def mean_ms(seconds):
    return 1000 * sum(seconds) / len(seconds)


def token_bytes(path):
    """Of the pages that hold tokens, learned and waiting; None where SQLite cannot say."""
    connection = sqlite3.connect(path)
    try:
        query = "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'dspam_token%'"
        return connection.execute(query).fetchone()[0]
    except sqlite3.Error:
        return None
    finally:
        connection.close()
