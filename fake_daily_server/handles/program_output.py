"""What a program writes to stdout and stderr: kept whole, and passed on line by line while the program runs."""

from __future__ import annotations

import codecs
import os
import queue
import selectors
import tempfile
import threading
from collections import deque
from collections.abc import Callable

from simulator.waiting import Changes

KEPT_LINES = 10_000
"""How many of the latest lines can be searched."""
LONGEST_LINE = 4096
"""Characters after which a line without an end is passed on in parts."""
_CHUNK = 65_536
_MOST_CHUNKS = 64
"""Chunks that one drain reads of a stream, so that a program that writes without end does not keep it busy."""

OnLine = Callable[[str, str], None]
"""Called with `stdout` or `stderr` and a line, in the thread that reads."""


class ProgramOutput:
    """The output of one program. Give `stdout` and `stderr` to the program, then call `program_started`."""

    def __init__(self, on_line: OnLine | None = None) -> None:
        self.changes = Changes()
        """Notified of each line."""
        self._on_line = on_line
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._text = ""
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it outlives this method
        self._requests: queue.SimpleQueue[tuple[threading.Event, bool]] = queue.SimpleQueue()
        out, self.stdout = os.pipe()
        err, self.stderr = os.pipe()
        self._woken, self._wake = os.pipe()
        self._streams = {out: _Lines("stdout", self._take_line), err: _Lines("stderr", self._take_line)}
        for end in self._streams:
            os.set_blocking(end, False)
        self._reader = threading.Thread(target=self._read, name="reads the output of a program", daemon=True)

    @property
    def text(self) -> str:
        """Everything written so far, both streams in the order in which they were read."""
        if self._file.closed:
            return self._text
        size = os.fstat(self._file.fileno()).st_size
        return os.pread(self._file.fileno(), size, 0).decode(errors="replace")

    @property
    def lines(self) -> tuple[str, ...]:
        """The latest `KEPT_LINES` lines of both streams."""
        return tuple(self._lines)

    def program_started(self) -> None:
        """Close the ends that the program has now, and begin to read."""
        os.close(self.stdout)
        os.close(self.stderr)
        self._reader.start()

    def program_missing(self) -> None:
        """Free everything: the program could not be started."""
        self.program_started()
        self.close()

    def drain(self) -> None:
        """Return once everything that has been written before is read."""
        if self._reader.is_alive():
            self._request(close=False)

    def close(self) -> None:
        """Read what has been written, then stop reading, also if a process left behind could still write."""
        if self._file.closed:
            return
        self._request(close=True)
        self._reader.join()
        for end in (*self._streams, self._woken, self._wake):
            os.close(end)
        self._text = self.text
        self._file.close()

    def _request(self, *, close: bool) -> None:
        done = threading.Event()
        self._requests.put((done, close))
        os.write(self._wake, b".")
        done.wait()

    # --- in the thread that reads ----------------------------------------------------------------------------

    def _read(self) -> None:
        with selectors.DefaultSelector() as ready:
            for end in (*self._streams, self._woken):
                ready.register(end, selectors.EVENT_READ)
            while True:
                ends = [key.fd for key, _ in ready.select()]
                for end in ends:
                    if end != self._woken and self._read_chunk(end) == b"":
                        ready.unregister(end)
                if self._woken in ends:
                    os.read(self._woken, 1)
                    done, close = self._requests.get()
                    self._read_what_is_there()
                    done.set()
                    if close:
                        return

    def _read_what_is_there(self) -> None:
        for end, lines in self._streams.items():
            for _ in range(_MOST_CHUNKS):
                if not self._read_chunk(end):
                    break
            lines.flush()

    def _read_chunk(self, end: int) -> bytes | None:
        """Read once; return the bytes, nothing at the end of the stream, None if there is nothing to read now."""
        try:
            chunk = os.read(end, _CHUNK)
        except BlockingIOError:
            return None
        self._file.write(chunk)
        self._file.flush()
        self._streams[end].take(chunk)
        return chunk

    def _take_line(self, stream: str, line: str) -> None:
        self._lines.append(line)
        if self._on_line is not None:
            self._on_line(stream, line)
        self.changes.notify()


class _Lines:
    """Splits the bytes of one stream into lines."""

    def __init__(self, stream: str, take: OnLine) -> None:
        self._stream = stream
        self._take = take
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""

    def take(self, chunk: bytes) -> None:
        """Pass on the lines that end in this chunk, and parts of a line that is too long."""
        *whole, self._rest = (self._rest + self._decoder.decode(chunk)).split("\n")
        while len(self._rest) > LONGEST_LINE:
            whole.append(self._rest[:LONGEST_LINE])
            self._rest = self._rest[LONGEST_LINE:]
        for line in whole:
            self._take(self._stream, line.rstrip("\r"))

    def flush(self) -> None:
        """Pass on the line that has begun and has no end."""
        if self._rest:
            self._take(self._stream, self._rest)
            self._rest = ""
