"""Counts a log by destination and outcome in DuckDB and in ClickHouse's engine: engines.py LOG

Prints `ENGINE destination outcome count` lines, and `ENGINE first NANOSECONDS`: the first attempt's time as it is kept.
"""

import sys

import chdb
import duckdb

path = sys.argv[1]
where = "event.action = 'connection_attempted'"

rows = duckdb.sql(f"""
    select destination.ip, event.outcome, count(*)
    from read_ndjson('{path}', columns={{
        '@timestamp': 'TIMESTAMP_NS', 'event': 'STRUCT(action VARCHAR, outcome VARCHAR)', 'destination': 'STRUCT(ip VARCHAR)'}})
    where {where} group by 1, 2""").fetchall()
for row in rows:
    print("duckdb", *row)

columns = "`@timestamp` DateTime64(9, 'UTC'), event Tuple(action String, outcome String), destination Tuple(ip String)"
settings = (
    "settings input_format_skip_unknown_fields = 1, date_time_input_format = 'best_effort', "
    "input_format_json_ignore_unknown_keys_in_named_tuple = 1"
)
source = f"file('{path}', 'JSONEachRow', '{columns.replace(chr(39), chr(92) + chr(39))}')"
counts = f"select destination.ip, event.outcome, count() from {source} where {where} group by 1, 2 {settings}"
for line in str(chdb.query(counts, "TabSeparated")).splitlines():
    print("clickhouse", *line.split("\t"))
first = f"select toUnixTimestamp64Nano(min(`@timestamp`)) from {source} where {where} {settings}"
print("clickhouse first", str(chdb.query(first, "TabSeparated")).strip())
