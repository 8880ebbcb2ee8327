"""The Bayes classifier of Rspamd alone, in Redis, with the settings of /etc/rspamd/statistic.conf; no other module runs.

Only the symbols BAYES_SPAM and BAYES_HAM count; without one of them a message is unsure. Every message is given to learn; its
own condition (lua_bayes_learn) passes over mail that it is sure of already. By default it does not judge before 200 of
each kind are learned (min_learns).
"""

import http.client
import json
import shutil
import subprocess
import time

import process

from peers.peer import SECONDS, Absent, Contender, Judgement, Trouble, every, on_error

CONFIG = """\
options {{
	pidfile = "{home}/rspamd.pid";
	control_socket = "{home}/rspamd.sock mode=0600";
	cache_file = "{home}/symbols.cache";
	hs_cache_dir = "{home}/";
	tempdir = "{home}";
	url_tld = "/usr/share/rspamd/effective_tld_names.dat";
	classify_headers = ["User-Agent", "X-Mailer", "Content-Type", "X-MimeOLE"];
	filters = "";
	words_decay = 600;
	dns {{ nameserver = ["127.0.0.1"]; }}
}}
logging {{ type = "file"; filename = "{home}/rspamd.log"; level = "error"; }}
worker "normal" {{ bind_socket = "127.0.0.1:{port}"; count = 1; task_timeout = 60s; }}
worker "controller" {{ bind_socket = "127.0.0.1:{control}"; count = 1; secure_ip = "127.0.0.1"; password = "bench"; }}
metric {{
	name = "default";
	actions {{ reject = 1000; }}
	group "statistics" {{
		symbol "BAYES_SPAM" {{ weight = 1; }}
		symbol "BAYES_HAM" {{ weight = -1; }}
	}}
}}
classifier "bayes" {{
	tokenizer {{ name = "osb"; }}
	cache {{ }}
	new_schema = true;
	store_tokens = false;
	signatures = false;
	min_tokens = 11;
	backend = "redis";
	servers = "127.0.0.1:{redis}";
	min_learns = {least};
	statfile {{ symbol = "BAYES_HAM"; spam = false; }}
	statfile {{ symbol = "BAYES_SPAM"; spam = true; }}
	learn_condition = 'return require("lua_bayes_learn").can_learn';
}}
"""


class Rspamd:
    def __init__(self, home, least):
        for name in ("rspamd", "redis-server"):
            if not shutil.which(name):
                raise Absent(f"{name} is not installed")
        self.home, self.children = home, []
        self.port, self.control, redis = (process.free_port() for _ in range(3))
        config = f"{home}/rspamd.conf"
        with open(config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(home=home, port=self.port, control=self.control, redis=redis, least=least))
        try:
            self._start("redis-server", "--port", str(redis), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                        "--dir", home)
            self._start("rspamd", "-f", "-i", "-c", config, f"--var=DBDIR={home}", f"--var=RUNDIR={home}", f"--var=LOGDIR={home}")
            self._wait()
        except BaseException:
            self.close()
            raise

    def _start(self, *command):
        with open(f"{self.home}/said", "ab") as said:
            self.children.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd=self.home))

    def _wait(self):
        """It takes some ten seconds of the processor to begin."""
        end = time.monotonic() + 10 * SECONDS
        while time.monotonic() < end and all(child.poll() is None for child in self.children):
            try:
                if self._ask(self.port, "GET", "/ping")[0] == self._ask(self.control, "GET", "/ping")[0] == 200:
                    return
            except Trouble:
                time.sleep(0.2)
        raise Absent("rspamd does not run")

    def _ask(self, port, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        try:
            connection.request(method, path, body)
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Trouble(f"rspamd, {path}: {error}") from error
        finally:
            connection.close()

    def judge(self, message):
        with open(message.path, "rb") as file:
            status, said = self._ask(self.port, "POST", "/checkv2", file.read())
        if status != 200:
            raise Trouble(f"rspamd answered {status}: {said[:200]!r}")
        symbols = json.loads(said)["symbols"]
        for name, verdict in (("BAYES_SPAM", "spam"), ("BAYES_HAM", "ham")):
            if name in symbols:
                return Judgement(verdict, symbols[name]["score"])
        return Judgement("unsure", 0.0)

    def teach(self, message, spam):
        with open(message.path, "rb") as file:
            status, said = self._ask(self.control, "POST", "/learnspam" if spam else "/learnham", file.read())
        if status not in (200, 204, 208):  # 204, 208: it does not want to learn this, or has done so
            raise Trouble(f"rspamd answered {status}: {said[:200]!r}")

    def seconds(self):
        return sum(process.tree_seconds(child.pid) for child in self.children)

    def close(self):
        for child in reversed(self.children):
            child.terminate()
            try:
                child.wait(SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


CONTENDERS = [
    Contender("Rspamd Bayes", f"{words}, from {least} of each kind", lambda home, least=least: Rspamd(home, least), wants, "rspamd",
              neutral=0.0)
    for words, wants, least in (("every message", every, 200), ("every message", every, 1), ("on error and unsure", on_error, 1))
]
