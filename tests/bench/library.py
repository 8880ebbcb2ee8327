"""libdspam from Python: the filter itself, in this process, with a store in memory."""

import ctypes
import json
import os

BYTES, VOID, SIZE, FLAG = ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_bool
INNOCENT, SPAM = 0, 1
ERROR, CORPUS = 0, 1
USER = b"bench"


class Error(ctypes.Structure):
    _fields_ = [("code", ctypes.c_int), ("temporary", FLAG), ("text", ctypes.c_char * 500)]


FUNCTIONS = {
    "configuration_parse": (FLAG, [BYTES, SIZE, VOID, VOID]),
    "configuration_free": (None, [VOID]),
    "open": (FLAG, [VOID, VOID, VOID]),
    "close": (None, [VOID]),
    "classify": (FLAG, [VOID, BYTES, BYTES, SIZE, VOID, VOID]),
    "process": (FLAG, [VOID, BYTES, BYTES, SIZE, VOID, VOID]),
    "train": (FLAG, [VOID, BYTES, ctypes.c_int, ctypes.c_int, BYTES, SIZE, BYTES, VOID, VOID]),
    "commit": (FLAG, [VOID, VOID, VOID]),
    "result_is_judged": (FLAG, [VOID]),
    "result_is_spam": (FLAG, [VOID]),
    "result_class": (BYTES, [VOID]),
    "result_score": (ctypes.c_double, [VOID]),
    "result_signature": (BYTES, [VOID]),
    "result_is_trained": (FLAG, [VOID]),
    "result_free": (None, [VOID]),
}


def load(path):
    library = ctypes.CDLL(path)
    for name, (returned, arguments) in FUNCTIONS.items():
        function = getattr(library, "dspam_" + name)
        function.restype, function.argtypes = returned, arguments
    return library


class Opinion:
    """`spam`: taken for spam, though perhaps delivered with a tag; `caught`: surely spam; `plain`: delivered as clean."""

    def __init__(self, library, result):
        kind = library.dspam_result_class(result) if library.dspam_result_is_judged(result) else b"None"
        self.score = library.dspam_result_score(result) if kind != b"None" else 0.0
        self.caught = kind == b"Spam"
        self.spam = self.caught or (kind == b"Unsure" and self.score > 0)
        self.plain = not self.caught and kind != b"Unsure"


class Filter:
    """A filter that is empty at first; used by one user at a time."""

    user = USER

    def __init__(self, library, settings):
        self.library = library
        self.configuration, self.filter = VOID(), VOID()
        text = ("Home .\nStorageDriver memory\n" + settings).encode()
        self._call("configuration_parse", text, len(text), ctypes.byref(self.configuration))
        self._call("open", self.configuration, ctypes.byref(self.filter))

    def close(self):
        self.library.dspam_close(self.filter)
        self.library.dspam_configuration_free(self.configuration)

    def _call(self, name, *arguments):
        error = Error()
        if not getattr(self.library, "dspam_" + name)(*arguments, ctypes.byref(error)):
            raise SystemExit(f"dspam_{name}: {error.text.decode(errors='replace')}")

    def _with(self, name, *arguments, commit, give):
        result = VOID()
        self._call(name, self.filter, self.user, *arguments, ctypes.byref(result))
        try:
            if commit:
                self._call("commit", self.filter, result)
            return give(result)
        finally:
            self.library.dspam_result_free(result)

    def classify(self, message):
        return self._with("classify", message, len(message), commit=False,
                          give=lambda result: Opinion(self.library, result))

    def learn(self, message, spam):
        """As mail kept from earlier times."""
        self._with("train", SPAM if spam else INNOCENT, CORPUS, message, len(message), None, commit=True,
                   give=lambda result: None)

    def arrive(self, message):
        """As mail that comes in; its signature."""
        return self.receive(message)[1]

    def receive(self, message):
        """The same; what was thought of it, and its signature."""
        return self._with("process", message, len(message), commit=True,
                          give=lambda result: (Opinion(self.library, result), self.library.dspam_result_signature(result)))

    def report(self, signature, spam):
        """As its user's correction; whether there was something to learn from."""
        return self._with("train", SPAM if spam else INNOCENT, ERROR, None, 0, signature, commit=True,
                          give=self.library.dspam_result_is_trained)


def apart(function):
    """What `function` gives, called in a copy of this process: what it teaches is forgotten here."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(reading)
            with os.fdopen(writing, "w", encoding="utf-8") as out:
                json.dump(function(), out)
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as answer:
        text = answer.read()
    _, status = os.waitpid(child, 0)
    if status != 0:
        raise SystemExit(f"a copy of this process ended with {os.waitstatus_to_exitcode(status)}")
    return json.loads(text)
