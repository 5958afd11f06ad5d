"""Holds records against the schemas of docs/schema, and OCSF ones against OCSF's own.

    schemas.py goldens            every golden record is valid, and a change of each of its members is noticed
    schemas.py records PATH...    every line of these files, and of the files below these folders, is valid

Run by scripts/test-schemas, which makes the environment with jsonschema and ocsf-json-schema.
"""

import copy
import glob
import json
import os
import sys

import jsonschema
import ocsf_json_schema

VALIDATOR = jsonschema.Draft202012Validator
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Members that every golden of their kind happens to have, though a record may lack them.
OPTIONAL = {
    "event.duration", "event.reason", "error", "error.code", "error.message", "source", "source.ip", "source.port",
    "group", "related", "related.ip", "host.id", "host.os.full", "process.entity_id", "process.start", "process.name",
    "process.args", "process.args_count", "process.executable", "process.real_group", "process.group",
    "process.parent", "process.Ext", "process.thread.name", "tattle.process", "tattle.netns", "network.transport",
    "network.iana_number", "network.type", "network.community_id", "network.bytes", "network.packets",
    "process.parent.entity_id", "process.parent.start", "process.parent.name", "process.parent.args",
    "process.parent.args_count", "process.parent.executable", "tattle.process.ancestors",
    "destination.ip", "destination.port", "source.bytes", "source.packets", "tattle.heartbeat.namespaces",
    "tattle.heartbeat.namespaces_omitted", "tattle.config", "tattle.padding", "tattle.totals.withheld",
    "tattle.rules", "tattle.rules.summaries", "user.name", "process.user.name", "process.real_user.name",
    # OCSF: its own schema says what must be there.
    "device.uid", "start_time", "end_time", "duration", "src_endpoint", "dst_endpoint", "traffic", "actor",
    "connection_info.uid", "connection_info.protocol_num", "connection_info.protocol_name",
    "connection_info.protocol_ver_id", "connection_info.community_uid", "dst_endpoint.ip", "dst_endpoint.port",
    "src_endpoint.ip", "src_endpoint.port", "actor.process.uid", "actor.process.created_time", "actor.process.name",
    "actor.process.cmd_line", "actor.process.file", "actor.process.egid", "actor.process.group",
    "actor.process.parent_process", "actor.process.ancestry", "actor.user.name", "actor.process.user.name",
    "status_code", "status_detail", "traffic.bytes_in", "traffic.bytes", "traffic.packets_in", "traffic.packets",
    "traffic.start_time", "traffic.end_time", "unmapped.tattle.missing", "unmapped.tattle.config",
    "unmapped.tattle.padding", "unmapped.tattle.withheld", "unmapped.tattle.rules",
    # Zeek's.
    "id", "history", "community_id", "orig_bytes", "resp_bytes", "orig_pkts", "resp_pkts", "tattle.pid",
    "tattle.executable",
}


def own_schema(name):
    with open(f"{ROOT}/docs/schema/{name}.schema.json", encoding="utf-8") as file:
        schema = json.load(file)
    VALIDATOR.check_schema(schema)
    return VALIDATOR(schema)


OWN = {name: own_schema(name) for name in ("ecs", "ocsf", "zeek")}


class Framework:
    """OCSF's own schema, by class and profiles."""

    def __init__(self):
        folder = ocsf_json_schema.__path__[0]
        with open(f"{folder}/ocsf/1.8.0.json", encoding="utf-8") as file:
            self.schemas = ocsf_json_schema.OcsfJsonSchemaEmbedded(json.load(file))
        self.validators = {}

    def errors(self, record):
        key = (record["class_uid"], tuple(record["metadata"].get("profiles", ())))
        if key not in self.validators:
            name = self.schemas.lookup_class_name_from_uid(key[0])
            self.validators[key] = VALIDATOR(self.schemas.get_class_schema(name, list(key[1])))
        return list(self.validators[key].iter_errors(record))


FRAMEWORK = Framework()


def format_of(record):
    return "ecs" if "@timestamp" in record else "zeek" if "ts" in record else "ocsf"


def errors(record):
    name = format_of(record)
    found = list(OWN[name].iter_errors(record))
    return found + FRAMEWORK.errors(record) if name == "ocsf" and not found else found


def kind(record):
    name = format_of(record)
    if name == "ecs":
        return name, record["event"]["action"]
    return name, record.get("class_uid"), record.get("activity_name") if record.get("class_uid") not in (4001, 2004) else ""


def members(value, path=()):
    """Every member of every object, as a path of names and indices."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield path + (name,)
            yield from members(inner, path + (name,))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from members(inner, path + (index,))


def parent_of(record, path):
    for part in path[:-1]:
        record = record[part]
    return record


def dotted(path):
    return ".".join(str(part) for part in path if not isinstance(part, int))


def other_type(value):
    return [] if isinstance(value, str) else "x"


def goldens():
    records, problems = [], []
    for path in sorted(glob.glob(f"{ROOT}/Tests/Golden/**/*.golden", recursive=True)):
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            records += [(os.path.basename(path), json.loads(line)) for line in file if line.startswith("{")]
    by_kind = {}
    for name, record in records:
        problems += [f"{name}: {error.json_path}: {error.message[:200]}" for error in errors(record)]
        paths = {dotted(path) for path in members(record) if not any(isinstance(part, int) for part in path)}
        known = by_kind.setdefault(kind(record), set(paths))
        known &= paths
    changes = 0
    for name, record in records:
        for path in members(record):
            # Names of environment variables may be any.
            free = "preload" in path[:-1]
            for what in ("removed", "renamed", "of another type"):
                changed = copy.deepcopy(record)
                parent = parent_of(changed, path)
                value = parent.pop(path[-1])
                if what == "of another type":
                    parent[path[-1]] = other_type(value)
                elif what == "renamed":
                    parent[f"{path[-1]}_"] = value
                if what == "renamed" and free:
                    continue
                if what == "removed":
                    always = dotted(path) in by_kind[kind(record)] and dotted(path) not in OPTIONAL
                    if not always or any(isinstance(part, int) for part in path):
                        continue
                changes += 1
                if OWN[format_of(record)].is_valid(changed):
                    problems.append(f"{name}: {dotted(path)} {what} is not noticed")
    print(f"{len(records)} golden records, {changes} changes of one member each, {len(problems)} problems")
    return problems


def lines(paths):
    for path in paths:
        files = sorted(glob.glob(f"{path}/**/*", recursive=True)) if os.path.isdir(path) else [path]
        for file in files:
            if not os.path.isfile(file):
                continue
            with open(file, "rb") as opened:
                for number, line in enumerate(opened, 1):
                    if line.startswith(b"{"):
                        yield f"{os.path.basename(file)}:{number}", line


def records(paths):
    problems, seen = [], {}
    for place, line in lines(paths):
        record = json.loads(line.decode("utf-8"))
        name = kind(record)
        seen[name] = seen.get(name, 0) + 1
        problems += [f"{place}: {error.json_path}: {error.message[:200]}" for error in errors(record)]
    for name, count in sorted(seen.items(), key=str):
        print(f"  {count:7} {' '.join(str(part) for part in name if part)}")
    print(f"{sum(seen.values())} records, {len(problems)} problems")
    return problems if seen else ["no records at all"]


def main():
    if sys.argv[1:2] == ["goldens"]:
        problems = goldens()
    elif sys.argv[1:2] == ["records"] and sys.argv[2:]:
        problems = records(sys.argv[2:])
    else:
        sys.exit(__doc__)
    for problem in problems[:40]:
        print(f"✘ {problem}")
    sys.exit(1 if problems else 0)


main()
