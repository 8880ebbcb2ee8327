"""What all Python tests share: the programs, the corpus, ports, and processes that are ended again."""

import glob
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

import certificates
import ports

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SECONDS = 120
DAY, EVENING = 86400, 30  # seconds


def pytest_configure(config):
    config.addinivalue_line("markers", f"seconds(n): this test may take n seconds instead of {SECONDS}")


@pytest.fixture(autouse=True)
def _one_day():
    """Ages are counted in days of UTC: no test begins so late that its day might end before it does."""
    left = DAY - time.time() % DAY
    if left < EVENING:
        time.sleep(left)


@pytest.fixture(autouse=True)
def _bounded(request, _one_day):
    """No test hangs: after its time it fails where it stands."""
    marker = request.node.get_closest_marker("seconds")
    seconds = marker.args[0] if marker else SECONDS

    def late(_signal, _frame):
        raise TimeoutError(f"the test did not end within {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(autouse=True)
def _databases():
    """What a test has made on a server (tests/system/database.py) is removed when nobody uses it any more."""
    yield
    if "database" in sys.modules:
        sys.modules["database"].drop_all()


@pytest.fixture(scope="session")
def root():
    """The top of the source tree."""
    return ROOT


@pytest.fixture(scope="session")
def programs():
    """The directory with the programs to test: $DSPAM_BIN, else build-test/bin."""
    directory = os.path.abspath(os.environ.get("DSPAM_BIN") or os.path.join(ROOT, "build-test/bin"))
    if not os.path.isdir(directory):
        pytest.skip(f"no programs in {directory}: run make test, or set DSPAM_BIN")
    return directory


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    """A directory of labelled mail: its file `index` has lines `spam|ham path`."""
    directory = os.environ.get("DSPAM_CORPUS")
    if directory:
        if not os.path.exists(os.path.join(directory, "index")):
            pytest.fail(f"DSPAM_CORPUS is {directory}, but there is no file `index` in it")
        return directory
    archives = sorted(glob.glob(os.path.join(os.path.dirname(ROOT), "shared/corpus/*.tar.zst")))
    if not archives:
        pytest.skip("corpus missing: set DSPAM_CORPUS")
    directory = tmp_path_factory.mktemp("corpus")
    subprocess.run(["tar", "--zstd", "-xf", archives[0], "-C", str(directory)], check=True)
    return str(directory)


@pytest.fixture(scope="module")
def pem(tmp_path_factory):
    """A function that gives the path of a file that tests/certificates.py makes."""
    if shutil.which("openssl") is None:
        pytest.skip("the command openssl is not installed")
    directory = tmp_path_factory.mktemp("pem")
    certificates.make_all(directory)
    return lambda name: str(directory / name)


@pytest.fixture(scope="session")
def free_port():
    """A function that names a loopback port on which nobody listens."""
    return ports.free_port


class Process:
    """A program that a test started; its output is in the file `log`."""

    def __init__(self, command, log, **options):
        self.log = log
        with open(log, "ab") as output:
            self.popen = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **options)
        self.pid = self.popen.pid

    def output(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def wait_until(self, ready, seconds=30):
        """Wait until ready() is true; fails with the program's output when it ends or takes too long."""
        for _ in range(seconds * 50):
            if ready():
                return self
            if self.popen.poll() is not None:
                pytest.fail(f"{self.popen.args} ended with {self.popen.returncode}:\n{self.output()}")
            time.sleep(0.02)
        pytest.fail(f"{self.popen.args} is not ready after {seconds} s:\n{self.output()}")

    def stop(self, number=signal.SIGTERM, seconds=30):
        """Send a signal (if it still runs) and wait; the exit status, negative for a signal."""
        if self.popen.poll() is None:
            self.popen.send_signal(number)
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
            pytest.fail(f"{self.popen.args} did not end within {seconds} s of signal {number}:\n{self.output()}")


def listens(address):
    """A function that says whether somebody accepts on (host, port) or on the path of a UNIX socket."""
    family = socket.AF_UNIX if isinstance(address, (str, os.PathLike)) else socket.AF_INET

    def ready():
        with socket.socket(family) as probe:
            try:
                probe.connect(os.fspath(address) if family == socket.AF_UNIX else address)
            except OSError:
                return False
            return True

    return ready


@pytest.fixture
def start(tmp_path):
    """
    start(command, listens_on=(host, port) or path, **Popen options) -> Process that is ready.

    What a test has started is ended when the test ends, however it ends.
    """
    started = []

    def run(command, listens_on=None, seconds=30, **options):
        process = Process([os.fspath(word) for word in command], str(tmp_path / f"process-{len(started)}.log"), **options)
        started.append(process)
        if listens_on is not None:
            process.wait_until(listens(listens_on), seconds)
        return process

    yield run
    for process in reversed(started):
        if process.popen.poll() is None:
            process.popen.terminate()
            try:
                process.popen.wait(10)
            except subprocess.TimeoutExpired:
                process.popen.kill()
                process.popen.wait()


@pytest.fixture
def terminal():
    """(master, slave) descriptors of a pseudo-terminal; the test closes them."""
    try:
        return os.openpty()
    except OSError as error:
        pytest.skip(f"no pseudo-terminals here: {error}")
