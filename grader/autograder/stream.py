"""What a program prints, kept up to a limit."""
import os
import threading

OUTPUT_LIMIT = 1 << 20  # bytes kept of each stream; the rest is read and thrown away


class Stream:
    """What a program prints, read as it comes by a thread of its own."""

    def __init__(self, fd):
        self.text, self.total = bytearray(), 0
        self.changed = threading.Condition()
        self.closed = False
        self._thread = threading.Thread(target=self._read, args=(fd,), daemon=True)
        self._thread.start()

    def _read(self, fd):
        while chunk := os.read(fd, 65536):
            with self.changed:
                self.text += chunk[: OUTPUT_LIMIT - len(self.text)]
                self.total += len(chunk)
                self.changed.notify_all()
        os.close(fd)
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def join(self, seconds):
        self._thread.join(seconds)

    def __str__(self):
        return self.text.decode(errors="backslashreplace")
