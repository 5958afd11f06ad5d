#!/usr/bin/env python3
"""A receiver that fails on command: the one stub among the receivers of the tests.

    fault_server.py LOG [--tls CERTIFICATE KEY] [--authority FILE] BEHAVIOUR...

Listens on a port of loopback that it prints. Each request gets the next behaviour, and the last one for ever. What was
asked for is written to LOG, a JSON object in a line for each request: target, headers, body's lines.

    ok                 _bulk: each item is created
    items:201,429,...  _bulk: these statuses, over and over
    STATUS[:SECONDS]   that status, with Retry-After
    body:TEXT          200 with that text
    body-STATUS:TEXT   that status with that text
    redirect:URL       307 to there
    garbage            bytes that are not HTTP
    headers            header fields without end
    long-header        one header field without end
    long-body          a body without end
    slow-body          a body of which a byte comes every 20 ms, without end
    silence            no answer, ever
    cut                the connection is reset in the midst of the request
    hang-up            the connection is closed without an answer to what came first
    cut-answer         the connection is closed in the midst of the answer
    ok-close           as ok, and then the connection is closed
"""
import gzip
import json
import socket
import socketserver
import struct
import threading
import time

from serving import called, end_with_starter, lock, write


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # A client that goes away is what many tests are about.


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        if context is not None:
            self.request = context.wrap_socket(self.request, server_side=True)
        if behaviours[0] == "hang-up":
            self.request.recv(65536)
            return
        stream = self.request.makefile("rb")
        while True:
            line = stream.readline(65536)
            if not line:
                return
            words = line.split()
            # Three words, now and then, are in what begins TLS, too.
            if len(words) != 3 or not words[2].startswith(b"HTTP/"):
                self.send(400, b"this is HTTP")
                return
            target = words[1].decode()
            headers = {}
            while (line := stream.readline(65536)) not in (b"\r\n", b""):
                name, _, value = line.decode().partition(":")
                headers[name.lower()] = value.strip()
            behaviour = next_behaviour()
            length = int(headers.get("content-length", "0"))
            if behaviour == "cut":
                stream.read(min(length, 1000) // 2)
                note(target, headers, b"")
                # Linger of 0: the close is a reset.
                self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            body = stream.read(length)
            if headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            note(target, headers, body)
            if not self.answer(behaviour, body):
                return

    def answer(self, behaviour, body):
        """Whether the connection stays."""
        kind, _, argument = behaviour.partition(":")
        count = body.count(b'{"create":')
        if kind in ("ok", "ok-close"):
            self.items([201] * count)
        elif kind == "items":
            statuses = [int(text) for text in argument.split(",")]
            self.items([statuses[place % len(statuses)] for place in range(count)])
        elif kind == "body":
            self.send(200, argument.encode())
        elif kind.startswith("body-"):
            self.send(int(kind[5:]), argument.encode())
        elif kind == "redirect":
            self.send(307, b"", f"Location: {argument}\r\n")
        elif kind == "garbage":
            self.request.sendall(b"\x00\x16\x03nonsense\r\n\r\n" * 10)
        elif kind == "headers":
            self.request.sendall(b"HTTP/1.1 200 OK\r\n")
            self.forever(lambda place: b"X-%d: y\r\n" % place * 1000)
        elif kind == "long-header":
            self.request.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
            self.forever(lambda place: b"y" * 65536)
        elif kind == "long-body":
            self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n")
            self.forever(lambda place: b"z" * 65536)
        elif kind == "slow-body":
            self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n")
            self.forever(lambda place: time.sleep(0.02) or b"z")
        elif kind == "silence":
            threading.Event().wait()
        elif kind == "cut-answer":
            self.request.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"errors":fal')
            return False
        else:
            self.send(int(kind), b"", f"Retry-After: {argument}\r\n" if argument else "")
        return kind != "ok-close"

    def forever(self, part):
        place = 0
        while True:
            self.request.sendall(part(place))
            place += 1

    def items(self, statuses):
        items = []
        for status in statuses:
            item = {"_index": "i", "status": status}
            if status >= 400:
                item["error"] = {"type": f"error_{status}", "reason": f"reason {status}"}
            items.append({"create": item})
        answer = {"took": 1, "errors": any(status >= 400 for status in statuses), "items": items}
        self.send(200, json.dumps(answer).encode())

    def send(self, status, body, fields=""):
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{fields}\r\n"
        self.request.sendall(head.encode() + body)


def next_behaviour():
    with lock:
        return behaviours.pop(0) if len(behaviours) > 1 else behaviours[0]


def note(target, headers, body):
    write(log, {"target": target, "headers": headers, "lines": body.decode(errors="replace").splitlines()})


log, context, behaviours = called()
end_with_starter()
with Server(("127.0.0.1", 0), Handler) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
