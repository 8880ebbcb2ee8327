"""dspam_train --imap against a real Dovecot over TLS, and against servers that misbehave."""

import imaplib
import json
import os
import pty
import re
import signal
import time

import pytest

from cold_start_site import ADAPTIVE, ended_after, taught
from labelled_mail import message
from mailbox_server import Scripted, answers, start_dovecot
from tool_site import Site

SCRIPTED = b'* LIST () "/" INBOX\r\n'


@pytest.fixture(scope="module")
def dovecot(pem):
    server = start_dovecot(pem)
    yield server
    server.stop()


@pytest.fixture
def site(tmp_path, programs, pem):
    if not os.path.exists(os.path.join(programs, "dspam_train")):
        pytest.skip("the program dspam_train is not built")
    made = Site(tmp_path, programs, ADAPTIVE)
    made.ca = pem("ca.pem")
    made.password = tmp_path / "password"
    return made


def fill(dovecot, user, folders):
    """Put messages into folders: {name in modified UTF-7: [(flags, text)]}; those of an earlier test are removed."""
    box = dovecot.login(user)
    for line in box.list()[1]:
        name = re.search(rb'"\." (.*)$', line)[1].decode()
        kind, count = box.select(name)
        if kind == "OK" and int(count[0]) > 0:
            box.store("1:*", "+FLAGS", r"\Deleted")
            box.expunge()
    for name, messages in folders.items():
        if name not in ("INBOX",):
            box.create(f'"{name}"')
        for number, (flags, text) in enumerate(messages):
            moment = imaplib.Time2Internaldate(1700000000 + 60 * number)
            kind, answer = box.append(f'"{name}"', flags, moment, text.replace("\n", "\r\n").encode())
            assert kind == "OK", answer
    return box


def command(site, port, *arguments, user="anna", password=None, ca=None, host="localhost"):
    site.password.write_text(password if password is not None else "any\n", encoding="utf-8")
    return ["--imap", f"{host}:{port}", "--user", user, "--ca", ca or site.ca, "--password-file", site.password, *arguments]


def train(site, dovecot, *arguments, user="anna", **options):
    """What --json says."""
    options.setdefault("password", dovecot.passwords[user] + "\n")
    return json.loads(site.good("dspam_train", *command(site, dovecot.tls, "--json", *arguments, user=user, **options)))


def roles(answer):
    return {folder["name"]: (folder["role"], folder["taken"]) for folder in answer["folders"]}


def mail(first, count, spam, flags=r"(\Seen)"):
    return [(flags, message(number, spam)) for number in range(first, first + count)]


# ---- a real server --------------------------------------------------------------------------------------------


def test_a_mailbox(site, dovecot):
    box = fill(dovecot, "anna", {
        "INBOX": mail(0, 6, False) + mail(10, 3, False, "()") + mail(20, 2, False, r"(\Seen \Deleted)"),
        "Ungewollt &- laut": mail(30, 4, True, "()"),
        "Ungewollt &- laut.Alt": mail(40, 2, True),
        "Archiv.2023": mail(50, 3, False),
        "Geschrieben": mail(60, 2, False),
        "Geschrieben.Privat": mail(63, 1, False),
        "Listen.B&APw-cher &AKc- &ZeVnLIqe-": mail(70, 2, False),
        "Trash": mail(80, 1, False),
        'odd \\"name\\" \\\\ {3}': mail(90, 1, False)})
    before = {name: box.status(f'"{name}"', "(UNSEEN RECENT MESSAGES)") for name in ("INBOX", "Ungewollt &- laut")}
    plan = train(site, dovecot, "--dry-run")
    assert roles(plan) == {
        "INBOX": ("innocent", 6), "Ungewollt & laut": ("spam", 4), "Ungewollt & laut/Alt": ("spam", 2),
        "Archiv": ("innocent", 0), "Archiv/2023": ("innocent", 3), "Geschrieben": ("left out", 0),
        "Geschrieben/Privat": ("left out", 0), "Listen/Bücher § 日本語": ("innocent", 2), "Trash": ("left out", 0),
        'odd "name" \\ {3}': ("innocent", 1)}
    inbox = next(folder for folder in plan["folders"] if folder["name"] == "INBOX")
    assert (inbox["messages"], inbox["unread"], inbox["deleted"]) == (11, 3, 2)
    answer = train(site, dovecot)
    assert (answer["spam"], answer["nonspam"]) == (6, 12)
    assert taught(site, "anna") == (6, 12)
    # nothing has changed there
    assert before == {name: box.status(f'"{name}"', "(UNSEEN RECENT MESSAGES)") for name in before}
    # and nothing is taught twice, also not what was moved
    assert train(site, dovecot)["messages"] == 0
    box.select("INBOX")
    box.copy("1", "Archiv.2023")
    again = train(site, dovecot)
    assert (again["messages"], sum(folder["same"] for folder in again["folders"])) == (1, 1)
    assert taught(site, "anna") == (6, 12)
    box.append('"INBOX"', r"(\Seen)", None, message(99, False).encode())
    assert train(site, dovecot)["messages"] == 1
    # a folder that was removed and made again has other messages under the old numbers
    box.select("INBOX")
    box.delete('"Listen.B&APw-cher &AKc- &ZeVnLIqe-"')
    box.create('"Listen.B&APw-cher &AKc- &ZeVnLIqe-"')
    box.append('"Listen.B&APw-cher &AKc- &ZeVnLIqe-"', r"(\Seen)", None, message(100, False).encode())
    assert train(site, dovecot)["messages"] == 1
    assert taught(site, "anna") == (6, 14)


def test_starttls_and_another_user(site, dovecot):
    fill(dovecot, "bert", {"INBOX": mail(0, 2, False), "Junk": mail(10, 2, True)})
    site.good("dspam_train", *command(site, dovecot.clear, "--starttls", "somebody", user="bert", password="b"))
    assert taught(site, "somebody") == (2, 2)


def test_a_port_that_begins_in_the_clear(site, dovecot):
    answer = site.run("dspam_train", *command(site, dovecot.clear))
    assert answer.returncode == 75 and "without --starttls: " in answer.stderr


def test_a_master_user(site, dovecot):
    fill(dovecot, "bert", {"INBOX": mail(0, 3, False)})
    name, word = dovecot.master
    site.good("dspam_train", *command(site, dovecot.tls, "--imap-login", name, user="bert", password=word))
    assert taught(site, "bert") == (0, 3)


def test_the_newest_of_many(site, dovecot):
    """Only the end of a large folder is looked at."""
    fill(dovecot, "carla", {"INBOX": []})
    box = dovecot.directory / "mail/carla"
    owner = (box / "cur").stat()
    for number in range(3500):
        path = box / "cur" / f"{1600000000 + number}.M{number}.host:2,S"
        path.write_text(message(number, False))
        os.utime(path, (1600000000 + number,) * 2)
        os.chown(path, owner.st_uid, owner.st_gid)
    answer = train(site, dovecot, "--limit", "40", user="carla")
    (inbox,) = [folder for folder in answer["folders"] if folder["name"] == "INBOX"]
    assert (inbox["messages"], inbox["taken"], inbox["taught"]) == (3500, 20, 20)
    assert inbox["beyond"] == 3480
    limited = train(site, dovecot, "--since", "1", user="carla")
    assert next(folder for folder in limited["folders"] if folder["name"] == "INBOX")["old"] == 3500


def test_wrong_passwords_and_names(site, dovecot):
    fill(dovecot, "anna", {"INBOX": mail(0, 1, False)})
    for user, password in (("anna", "wrong"), ("nobody", "x")):
        answer = site.run("dspam_train", *command(site, dovecot.tls, user=user, password=password))
        assert answer.returncode == 77
        assert f"does not let {user} in" in answer.stderr
        assert password not in answer.stderr
    answer = site.run("dspam_train", *command(site, dovecot.tls, "--imap-login", "anna", user="bert",
                                              password=dovecot.passwords["anna"]))
    assert answer.returncode == 77  # anna is nobody's master
    assert not (site.home / "data/bert").exists()


def test_the_password_is_asked_for(site, dovecot):
    fill(dovecot, "anna", {"INBOX": mail(0, 1, False)})
    arguments = command(site, dovecot.tls)
    at = arguments.index("--password-file")
    arguments[at:at + 2] = []
    program = os.path.join(site.programs, "dspam_train")
    words = [os.fspath(word) for word in (program, "--config", site.config, *arguments)]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(program, words)
    seen = b""
    while b"Password of anna at localhost: " not in seen:
        seen += os.read(terminal, 1000)
    os.write(terminal, dovecot.passwords["anna"].encode() + b"\n")
    try:
        while part := os.read(terminal, 10000):
            seen += part
    except OSError:  # the end of a terminal
        pass
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, seen.decode()
    os.close(terminal)
    assert b"pass word" not in seen
    assert taught(site, "anna") == (0, 1)
    environment = {**os.environ, "DSPAM_IMAP_PASSWORD": "wrong"}
    assert site.run("dspam_train", *arguments, env=environment, start_new_session=True).returncode == 77
    environment.pop("DSPAM_IMAP_PASSWORD")
    answer = site.run("dspam_train", *arguments, env=environment, start_new_session=True)
    assert (answer.returncode, "--password-file" in answer.stderr) == (64, True)


def test_it_goes_on_after_an_end(site, dovecot):
    fill(dovecot, "anna", {"INBOX": mail(0, 80, False), "Junk": mail(100, 80, True)})
    words = [os.path.join(site.programs, "dspam_train"), "--config", site.config, "--verbose",
             *command(site, dovecot.tls, password=dovecot.passwords["anna"])]
    ended_after(70, signal.SIGKILL, words)
    assert 70 <= sum(taught(site, "anna")) < 160
    train(site, dovecot)
    assert 159 <= sum(taught(site, "anna")) <= 160


# ---- whom to believe ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("starttls", [False, True])
@pytest.mark.parametrize("certificate", ["stranger", "wrong-name", "expired"])
def test_certificates_are_checked(site, pem, certificate, starttls):
    server = Scripted(answers(SCRIPTED), pem, certificate=certificate, starttls=starttls)
    answer = site.run("dspam_train", *command(site, server.port, *(["--starttls"] if starttls else [])))
    server.stop()
    assert answer.returncode == 77
    assert "--ca FILE" in answer.stderr
    assert not any(b"AUTHENTICATE" in line or b"LOGIN" in line for line in server.heard)


def test_the_certificates_of_the_system_count_without_a_file(site, pem):
    server = Scripted(answers(SCRIPTED), pem)
    arguments = command(site, server.port)
    at = arguments.index("--ca")
    arguments[at:at + 2] = []
    assert site.run("dspam_train", *arguments).returncode == 77
    server.stop()
    answer = site.run("dspam_train", *command(site, 1, ca="missing.pem"))
    assert (answer.returncode, "--ca missing.pem: No such file" in answer.stderr) == (66, True)


def test_nothing_is_said_in_clear_text(site, pem):
    server = Scripted(answers(SCRIPTED, starttls=lambda tag, _: tag + b" NO not today\r\n"), pem, starttls=True)
    answer = site.run("dspam_train", *command(site, server.port, "--starttls"))
    server.stop()
    assert (answer.returncode, "not today" in answer.stderr) == (69, True)
    assert [line.split(b" ", 1)[1] for line in server.heard] == [b"STARTTLS", b"LOGOUT"]


def test_bytes_behind_starttls_are_refused(site, pem):
    def script(tag, words):
        return tag + b" OK\r\n* CAPABILITY AUTH=PLAIN\r\n" if words == b"STARTTLS" else None
    server = Scripted(script, pem, starttls=True)
    answer = site.run("dspam_train", *command(site, server.port, "--starttls"))
    server.stop()
    assert answer.returncode == 76


# ---- ways to log in --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("capabilities, expected", [
    (b"IMAP4rev1 AUTH=PLAIN SASL-IR", b"AUTHENTICATE PLAIN AGFubmEAw6QgIlw="),
    (b"IMAP4rev1", b"LOGIN "),
    (b"IMAP4rev1 LOGINDISABLED", None)])
def test_ways_to_log_in(site, pem, capabilities, expected):
    server = Scripted(answers(SCRIPTED, capabilities=capabilities), pem)
    answer = site.run("dspam_train", *command(site, server.port, password='ä "\\\n'))
    server.stop()
    said = [line.split(b" ", 1)[1] for line in server.heard]
    if expected is None:
        assert answer.returncode == 69
        assert not any(line.startswith((b"LOGIN", b"AUTH")) for line in said)
    else:
        assert answer.returncode == 0, answer.stderr
        assert any(line.startswith(expected) for line in said)
        if expected == b"LOGIN ":
            assert 'LOGIN anna ä "\\'.encode() in said


def test_a_login_that_fails_for_now(site, pem):
    server = Scripted(answers(SCRIPTED, authenticate=lambda tag, _: tag + b" NO [UNAVAILABLE] database down\r\n"), pem)
    answer = site.run("dspam_train", *command(site, server.port))
    server.stop()
    assert (answer.returncode, "database down" in answer.stderr) == (75, True)


def test_a_login_that_is_not_asked_for(site, pem):
    """It says OK before it has seen a password."""
    server = Scripted(answers(SCRIPTED, capabilities=b"IMAP4rev1 AUTH=PLAIN", authenticate=lambda tag, _: tag + b" OK\r\n"), pem)
    answer = site.run("dspam_train", *command(site, server.port))
    server.stop()
    assert (answer.returncode, "takes no login" in answer.stderr) == (76, True), answer.stderr


# ---- servers that misbehave ------------------------------------------------------------------------------------


MESSAGES = {uid: message(uid, False).encode() for uid in range(1, 6)}


def run_scripted(site, pem, script, *arguments, **options):
    server = Scripted(script, pem, **options)
    started = time.monotonic()
    answer = site.run("dspam_train", *command(site, server.port, *arguments))
    server.stop()
    assert "Sanitizer" not in answer.stderr
    return answer, time.monotonic() - started, server


def test_literals_in_odd_places(site, pem):
    names = b'* LIST (\\Junk) "/" {9}\r\nSp\xc3\xa4m {3}\r\n* LIST () NIL "IN\\"BOX"\r\n* LIST (\\Noselect) "/" Not\r\n'
    answer, _, server = run_scripted(site, pem, answers(names, MESSAGES), "--json")
    assert answer.returncode == 0, answer.stderr
    assert roles(json.loads(answer.stdout)) == {"Späm {3}": ("spam", 5), 'IN"BOX': ("innocent", 5)}
    assert any(line.endswith('EXAMINE "Späm {3}"'.encode()) for line in server.heard)
    assert not any(b"SELECT" in line or b" BODY[" in line or b"STORE" in line for line in server.heard)
    assert taught(site, "anna") == (0, 5)  # those of the other folder are the same


def cut(tag, words):
    uid = int(words.split(b" ")[2].split(b",")[0])
    return b"* 1 FETCH (UID %d BODY[] {500}\r\nFrom" % uid  # and then silence


@pytest.mark.parametrize("change, status, complaint", [
    ({"body": lambda tag, words: None}, 75, "closed the connection"),
    ({"body": lambda tag, words: "hang"}, 75, "no answer in time"),
    ({"body": cut}, 75, "no answer in time"),
    ({"list": "hang"}, 75, "no answer in time"),
    ({"examine": lambda tag, words: b"* BYE I am tired\r\n"}, 75, "no answer in time"),
    ({"list": b"* LIST (((((\r\n"}, 76, "is not IMAP"),
    ({"fetch": lambda tag, words: b"* 1 FETCH (UID x)\r\n" + tag + b" OK\r\n"}, 76, "is not IMAP"),
    ({"fetch": lambda tag, words: b"x" * 3000000}, 76, "more than"),
    ({"body": lambda tag, words: b"* 1 FETCH (UID 1 BODY[] {99999999}\r\n"}, 76, "more than"),
    ({"list": lambda tag, words: tag + b" BAD what?\r\n"}, 76, "what?"),
    ({"capability": b"HTTP/1.1 400 Bad Request\r\n"}, 76, "does not speak IMAP")])
def test_servers_that_misbehave(site, pem, change, status, complaint):
    timeout = "1" if complaint == "no answer in time" else "30"
    answer, seconds, _ = run_scripted(site, pem, answers(SCRIPTED, MESSAGES, **change), "--timeout", timeout)
    assert (answer.returncode, complaint in answer.stderr) == (status, True), answer.stderr
    assert seconds < 50
    assert sum(taught(site, "anna")) == 0


@pytest.mark.parametrize("greeting, status", [(b"* BYE too many\r\n", 75), (b"220 smtp ready\r\n", 76), (b"", 75)])
def test_greetings(site, pem, greeting, status):
    answer, _, _ = run_scripted(site, pem, answers(), "--timeout", "30" if greeting else "1", greeting=greeting)
    assert answer.returncode == status, answer.stderr


def test_a_connection_that_is_lost_in_the_middle(site, pem):
    many = {uid: message(uid, uid % 2 == 0).encode() for uid in range(1, 201)}
    whole = answers(SCRIPTED, many)
    rounds = []

    def script(tag, words):
        is_fetch = words.startswith(b"UID FETCH")
        rounds.append(is_fetch)
        return None if is_fetch and sum(rounds) == 2 else whole(tag, words)

    server = Scripted(script, pem)
    answer = site.run("dspam_train", *command(site, server.port))
    assert answer.returncode == 75
    assert "after 64 of 200 messages" in answer.stderr
    assert taught(site, "anna") == (0, 64)
    assert "In all 0 spam and 64 innocent" in answer.stdout
    site.good("dspam_train", *command(site, server.port))
    server.stop()
    assert taught(site, "anna") == (0, 200)


def test_a_refusal_and_then_nothing(site, pem):
    """What is lost after a NO is not gone: it can be had when the server is back."""
    many = {uid: message(uid, False).encode() for uid in range(1, 201)}
    script = answers(SCRIPTED, many, body=lambda tag, words: (tag + b" NO not now\r\n", "reset"))
    answer, _, _ = run_scripted(site, pem, script)
    assert answer.returncode == 75, answer.stderr
    assert "TRAINING COMPLETE" not in answer.stdout
    assert taught(site, "anna") == (0, 0)


def test_messages_that_vanish(site, pem):
    def body(tag, words):
        return (b"* 1 FETCH (UID 2 BODY[]<0> {%d}\r\n%s)\r\n" % (len(MESSAGES[2]), MESSAGES[2]) + b"* 3 EXPUNGE\r\n"
                + tag + b" NO [EXPUNGEISSUED] some are gone\r\n")

    answer, _, _ = run_scripted(site, pem, answers(SCRIPTED, MESSAGES, body=body), "--json")
    assert answer.returncode == 0, answer.stderr
    (inbox,) = json.loads(answer.stdout)["folders"]
    assert (inbox["taught"], inbox["gone"]) == (1, 4)


def test_nobody_there(site, free_port):
    assert site.run("dspam_train", *command(site, free_port())).returncode == 75
    answer = site.run("dspam_train", *command(site, 993, host="no.such.host.invalid"))
    assert answer.returncode in (68, 75)
    assert "no.such.host.invalid" in answer.stderr
