#!/usr/bin/env python3
"""A syslog receiver that fails on command.

    syslog_sink.py LOG [--tls CERTIFICATE KEY] [--authority FILE] BEHAVIOUR...

Listens on a port of loopback that it prints. Each connection gets the next behaviour, and the last one for ever. Every
message that was read whole is written to LOG, a JSON array in a line for each: the connection's number, the message. Ends
when its standard input does.

    read          reads everything
    close:N       closes the connection after N messages, when a line comes to its standard input
    vanish:N      the same, without a word, as a machine that lost its power does (needs CAP_NET_ADMIN)
    deaf          accepts and reads nothing
    slow:N        reads N bytes at 120 KB a second, then everything
    udp           datagrams, no connection
"""
import io
import socket
import ssl
import threading
import time

from serving import called, end_with_starter, write

TCP_REPAIR = 19


def note(number, message):
    write(log, [number, message.decode()])


def frames(stream):
    """Messages by octet counting, RFC 6587."""
    while True:
        digits = b""
        while (byte := stream.read(1)) != b" ":
            if not byte.isdigit():
                return
            digits += byte
        message = stream.read(int(digits))
        if len(message) < int(digits):
            return
        yield message


class Slow:
    """What a connection sends, of which so many bytes were read slowly."""

    def __init__(self, connection, count):
        begun = bytearray()
        while len(begun) < count and (part := connection.recv(10_000)):
            begun += part
            time.sleep(0.08)
        self.begun = io.BytesIO(bytes(begun))
        self.rest = connection.makefile("rb")

    def read(self, count):
        part = self.begun.read(count)
        return part if len(part) == count else part + self.rest.read(count - len(part))

    def close(self):
        self.rest.close()


def serve(connection, number, behaviour):
    kind, _, argument = behaviour.partition(":")
    if kind == "deaf":
        held.append(connection)
        return
    raw = connection
    stream = None
    try:
        if context is not None:
            connection = context.wrap_socket(connection, server_side=True)
        stream = Slow(connection, int(argument)) if kind == "slow" else connection.makefile("rb")
        for count, message in enumerate(frames(stream), 1):
            note(number, message)
            if kind in ("close", "vanish") and count == int(argument):
                told.wait()
                if kind == "vanish":
                    raw.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
                break
    except (OSError, ssl.SSLError):
        pass
    if stream is not None:
        stream.close()
    connection.close()
    raw.close()
    if kind in ("close", "vanish"):
        note(number, b"closed")


log, context, arguments = called()
told = threading.Event()
held = []
end_with_starter(told.set)
if arguments == ["udp"]:
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    datagrams.bind(("127.0.0.1", 0))
    print(datagrams.getsockname()[1], flush=True)
    while True:
        note(0, datagrams.recv(65536))
listener = socket.create_server(("127.0.0.1", 0))
if "deaf" in arguments:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
if arguments[0].startswith("slow"):
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 256 << 10)
print(listener.getsockname()[1], flush=True)
number = 0
while True:
    connection, _ = listener.accept()
    behaviour = arguments[min(number, len(arguments) - 1)]
    threading.Thread(target=serve, args=(connection, number, behaviour), daemon=True).start()
    number += 1
