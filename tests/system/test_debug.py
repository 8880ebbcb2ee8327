"""Debugging: what it tells, of whom, and where."""

from daemon_site import agent, daemon, mail, wait_for  # noqa: F401 (a fixture)


def test_debug_in_the_log_of_the_daemon(daemon):
    daemon.configure("Debug u", "DebugOpt process", "LogLevel warning").start()
    daemon.deliver(mail(), "u", "v")
    wait_for(lambda: "learned in" in daemon.log(), what="the lesson")
    log = daemon.log()
    for text in ("debug: u +", "process, ", "algorithm graham: ", "token ", "delivered in ", "250 2.1.5 taken", "learned in"):
        assert text in log, text
    assert "v +" not in log and "river" not in log


def test_debug_in_a_file(daemon, tmp_path):
    file = tmp_path / "dspam.debug"
    daemon.configure("Debug *", f"DebugFile {file}", "DebugText on").start()
    daemon.deliver(mail(), "u", "v")
    wait_for(lambda: file.exists() and file.read_text().count("learned in") == 2, what="both lessons")
    text = file.read_text()
    assert "] u +" in text and "] v +" in text and "river" in text
    assert "debug:" not in daemon.log()


def test_debug_on_the_command_line(daemon):
    daemon.configure()
    _, said = agent(daemon, "--debug", "--stdout", "--deliver=innocent,spam", message=mail())
    assert "debug: u +" in said and "algorithm burton: " in said and "written to standard output in" in said
    _, said = agent(daemon, "--stdout", "--deliver=innocent,spam", message=mail())
    assert "debug: " not in said


def test_debug_of_the_whole_daemon(daemon):
    daemon.configure().start("--debug")
    daemon.deliver(mail(), "u")
    assert "debug: u +" in daemon.log() and "result Innocent" in daemon.log()
