"""An import that is killed goes on; two of one file count once; progress."""

import os
import re
import signal
import sqlite3
import subprocess
import time

import pytest

from moving_site import content, exported, made_up, on_server
from moving_site import site, other, databases  # noqa: F401 (fixtures)


def position(site):
    """How far an import has come, as its mark in the store says."""
    data = {"sqlite": "CAST(data AS text)", "pgsql": "encode(data, 'escape')", "mysql": "data"}[site.store.driver]
    try:
        mark = site.store.query(f"SELECT {data} FROM dspam_signature_data WHERE signature LIKE 'import%'")
    except sqlite3.OperationalError:
        return 0  # its tables are being made
    words = mark[0][0].split() if mark else ["row", "0"]
    return int(words[1]) if words[0] == "row" else 10**9


@pytest.mark.seconds(300)
def test_killed_and_gone_on(site, other, start, tmp_path):
    """kill -9 in the middle, again and again: it goes on, and counts nothing twice."""
    learned = made_up(120000)
    path = learned.css(tmp_path / "u/u.css", records=200003)
    kills = []
    while True:
        before = position(site)
        process = start([os.path.join(site.programs, "dspam_admin"), "--config", site.config, "import", path])
        while process.popen.poll() is None and position(site) <= before + 15000:
            time.sleep(0.001)
        if process.stop(signal.SIGKILL) == 0:
            break
        kills.append(position(site))
        assert len(kills) < 100
    assert len(kills) >= 2 and kills == sorted(kills), kills
    assert "after an interruption" in process.output() or kills[-1] == 10**9
    assert content(site, "u") == (learned.totals, learned.tokens, learned.signatures)
    other.good("dspam_admin", "import", path)
    assert exported(site, "u") == exported(other, "u")


@pytest.mark.seconds(300)
@pytest.mark.parametrize("where", ["sqlite", "pgsql", "mysql"])
def test_two_at_once(request, programs, start, tmp_path, where):
    """Two imports of one file at the same time: together they count once."""
    if where == "sqlite":
        site = request.getfixturevalue("site")
    elif where in (databases := request.getfixturevalue("databases")):
        site = on_server(tmp_path / where, programs, databases[where])
    else:
        pytest.skip(f"{where} is not installed")
    learned = made_up(40000)
    path = learned.css(tmp_path / "u/u.css", records=100003)
    command = [os.path.join(site.programs, "dspam_admin"), "--config", site.config, "import", path]
    for _ in range(2):
        processes = [start(command), start(command)]
        codes = sorted(process.popen.wait(100) for process in processes)
        assert codes[0] == 0 and codes[1] in (0, 65, 75), [process.output() for process in processes]
    assert content(site, "u") == (learned.totals, learned.tokens, learned.signatures)


def test_progress_on_a_terminal(site, terminal, tmp_path):
    path = made_up(60000).css(tmp_path / "u/u.css", records=100003)
    master, slave = terminal
    subprocess.run([os.path.join(site.programs, "dspam_admin"), "--config", site.config, "import", path], stderr=slave,
                   stdout=subprocess.DEVNULL, check=True)
    os.close(slave)
    shown = os.read(master, 65536).decode()
    os.close(master)
    assert re.search(r"\d+ of 60000 tokens", shown)
