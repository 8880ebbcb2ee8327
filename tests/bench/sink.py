"""An LMTP server on a loopback port that takes every message and forgets it.

    sink.py PORT COUNT      ends on SIGTERM; then the file COUNT says how many messages came
"""

import asyncio
import signal
import sys


class Sink(asyncio.Protocol):
    taken = 0

    def connection_made(self, transport):
        self.transport = transport
        self.bytes = bytearray()
        self.recipients = 0
        self.in_data = False
        transport.write(b"220 sink LMTP\r\n")

    def data_received(self, data):
        self.bytes += data
        while self._data() if self.in_data else self._line():
            pass

    def _data(self):
        end = self.bytes.find(b"\r\n.\r\n")
        if end < 0:
            return False
        del self.bytes[: end + 5]
        Sink.taken += 1
        self.transport.write(b"250 2.0.0 taken\r\n" * self.recipients)
        self.in_data, self.recipients = False, 0
        return True

    def _line(self):
        end = self.bytes.find(b"\r\n")
        if end < 0:
            return False
        verb = bytes(self.bytes[:4]).upper()
        del self.bytes[: end + 2]
        if verb == b"DATA":
            self.in_data = True
            self.bytes[:0] = b"\r\n"  # so that an empty message ends, too
            self.transport.write(b"354 go on\r\n")
        elif verb == b"LHLO":
            self.transport.write(b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n")
        elif verb == b"QUIT":
            self.transport.write(b"221 2.0.0 bye\r\n")
            self.transport.close()
        else:
            self.recipients += verb == b"RCPT"
            self.recipients *= verb != b"RSET"
            self.transport.write(b"250 2.0.0 yes\r\n")
        return True


async def serve(port):
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await loop.create_server(Sink, "127.0.0.1", port)
    await stopped.wait()


asyncio.run(serve(int(sys.argv[1])))
with open(sys.argv[2], "w", encoding="ascii") as count:
    print(Sink.taken, file=count)
