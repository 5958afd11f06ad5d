"""HTTP fronts of what has none of its own, for scripts/test-receivers.

    receivers.py clickhouse PORT FOLDER    ClickHouse's engine (chDB): a POST with ?query= is that statement with the body
                                           as its data, settings of the URL are the statement's
    receivers.py otlp PORT FILE            OTLP/HTTP logs in JSON, held strictly against OpenTelemetry's protocol definition;
                                           the lines that are the records' bodies go to FILE

Both listen on loopback only and take gzip. What they refuse is a 400 with the reason; what goes wrong in here is a 500, and
told on the standard error.
"""
import gzip
import json
import sys
import traceback
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, urlsplit


class Refusal(Exception):
    """Why what was sent is not taken."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        try:
            status, answer = self.server.answer(dict(parse_qsl(urlsplit(self.path).query)), body)
        except Refusal as refusal:
            status, answer = 400, str(refusal).encode()
        except Exception as error:
            traceback.print_exc()
            status, answer = 500, repr(error).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST

    def log_message(self, *_):
        pass


def clickhouse(folder):
    """Answers as ClickHouse does."""
    from chdb import session

    engine = session.Session(folder)

    def answer(parameters, body):
        query = parameters.pop("query", "")
        if body:
            settings = ", ".join(f"{name} = '{value}'" for name, value in parameters.items())
            query = query.replace(" FORMAT ", f" SETTINGS {settings} FORMAT ", 1) + "\n" + body.decode()
        try:
            return 200, engine.query(query, "TSV").bytes()
        except RuntimeError as error:
            # What the engine itself says of a statement and its data begins so.
            if str(error).startswith("Code: "):
                raise Refusal(error) from error
            raise

    return answer


def otlp(path):
    """Answers as a collector does, and keeps the bodies."""
    from google.protobuf.json_format import ParseDict, ParseError
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

    def integers(value):
        """64-bit integers have to be text: ParseDict takes numbers, too."""
        for key, member in value.items() if isinstance(value, dict) else enumerate(value):
            if key in ("intValue", "timeUnixNano", "observedTimeUnixNano") and not isinstance(member, str):
                raise Refusal(f"{key} is no text")
            if isinstance(member, (dict, list)):
                integers(member)

    def answer(_, body):
        try:
            tree = json.loads(body)
            integers(tree)
            request = ParseDict(tree, ExportLogsServiceRequest())
        except (ParseError, ValueError) as error:
            raise Refusal(error) from error
        with open(path, "a", encoding="utf-8") as file:
            for resource in request.resource_logs:
                for scope in resource.scope_logs:
                    for record in scope.log_records:
                        line = record.body.string_value
                        uid = next(a.value.string_value for a in record.attributes if a.key == "log.record.uid")
                        if f'"id":"{uid}"' not in line or not record.time_unix_nano:
                            raise Refusal("id or time is not the record's")
                        file.write(line + "\n")
        return 200, b"{}"

    return answer


kind, port, place = sys.argv[1:]
server = HTTPServer(("127.0.0.1", int(port)), Handler)
server.answer = {"clickhouse": clickhouse, "otlp": otlp}[kind](place)
server.serve_forever()
