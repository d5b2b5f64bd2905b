"""A network between a process and a server that is as bad as a test wants it."""

import socket
import struct
import threading

RATE = 64 << 10  # Bytes per second and direction of a connection that is slow.
_CHUNK = {"slow": 4 << 10}
_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER by which a close resets the connection.


class Proxy:
    """Passes every connection to `port` on to the target port. `set` says how:

    pass: at once; slow: RATE bytes a second; frozen: nothing comes through, and nobody is told; reset: what is
    connected is reset, and so is what connects.
    """

    def __init__(self, target):
        self._target = target
        self._changed = threading.Condition()
        self._mode = "pass"
        self._open = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.set("reset")
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def set(self, mode):
        with self._changed:
            self._mode = mode
            self._changed.notify_all()
            doomed = list(self._open) if mode == "reset" else []
        for connection in doomed:
            self._reset(connection)

    def _reset(self, connection):
        with self._changed:
            self._open.discard(connection)
        try:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            connection.shutdown(socket.SHUT_RD)  # Wakes who reads from it.
        except OSError:
            pass
        connection.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        if self._wait_to_pass() == "reset":
            return self._reset(client)
        try:
            server = socket.create_connection(("127.0.0.1", self._target))
        except OSError:
            return self._reset(client)
        with self._changed:
            self._open |= {client, server}
        threading.Thread(target=self._pump, args=(client, server), daemon=True).start()
        self._pump(server, client)

    def _wait_to_pass(self):
        with self._changed:
            self._changed.wait_for(lambda: self._mode != "frozen")
            return self._mode

    def _pump(self, source, target):
        try:
            while True:
                data = source.recv(_CHUNK.get(self._mode, 64 << 10))
                mode = self._wait_to_pass()
                if not data or mode == "reset":
                    break
                if mode == "slow":
                    threading.Event().wait(len(data) / RATE)
                target.sendall(data)
        except OSError:
            pass
        self._reset(source)
        self._reset(target)
