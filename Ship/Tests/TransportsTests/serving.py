"""What the servers of these tests have in common: their call, TLS, the log, and that they end with whoever started them."""
import json
import os
import ssl
import sys
import threading

lock = threading.Lock()


def called():
    """What stands in `LOG [--tls CERTIFICATE KEY] [--authority FILE] BEHAVIOUR...`; no TLS is None."""
    log, *behaviours = sys.argv[1:]
    context = None
    if behaviours[0] == "--tls":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(behaviours[1], behaviours[2])
        behaviours = behaviours[3:]
    if behaviours[0] == "--authority":
        context.load_verify_locations(behaviours[1])
        context.verify_mode = ssl.CERT_REQUIRED
        behaviours = behaviours[2:]
    return log, context, behaviours


def write(log, record):
    with lock, open(log, "a", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")


def end_with_starter(on_line=lambda: None):
    """Ends when the standard input does; lines of it are commands."""

    def watch():
        while sys.stdin.readline():
            on_line()
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
