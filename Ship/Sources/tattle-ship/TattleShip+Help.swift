extension TattleShip {
    /// How it is called to deliver.
    static let usage = "tattle-ship --from FOLDER --to URL [--to URL ...] [options]"

    /// What whoever calls it for the first time wants to know.
    static let discussion = """
        The log files are the queue: a receiver that is dead costs disk, never records. Every destination has its own \
        checkpoint and goes at its own pace. Runs without any privilege; it has to be able to read the folder.

        URLs:
          elasticsearch+https://HOST:9200   _bulk, also opensearch+https://
          splunk+https://HOST:8088          HTTP Event Collector
          otlp+https://HOST:4318            OpenTelemetry logs, in JSON
          clickhouse+https://HOST:8443      JSONEachRow over HTTP
          kafka+https://HOST:8082#topic=T   Kafka, through a REST gateway
          https://HOST/PATH                 NDJSON in a POST
          syslog+tls://HOST:6514            RFC 5424; also syslog+tcp, syslog+udp
          file:/PATH                        appended to a file of its own
          -                                 the standard output
        Each https may be http: then nothing is encrypted.

        What stands behind # are options for that destination, with & between, as in tattle-ship.toml; nothing of it \
        is sent: #token-file=/etc/tattle-ship/token&ca=/etc/ssl/siem.pem&kinds=connection_attempted,beacon_detected. \
        A secret is never part of a URL: token-file, password-file and api-key-file name a file that has it, …-env a variable.

        Examples:
          tattle-ship --from /var/log/tattle --to - | jq .
          tattle-ship --from /var/log/tattle --to 'elasticsearch+https://siem:9200#user=tattle&password-file=/etc/tattle-ship/pw'
          tattle-ship --from /var/log/tattle --to 'splunk+https://siem#token-env=HEC_TOKEN' --to syslog+tls://log.example
          tattle-ship --config /etc/tattle-ship.toml --dry-run

        Exit codes: 0 it was asked to end, 64 the call is wrong, 66 the folder cannot be read, 73 the state folder, or what \
        is in it, or the metrics file cannot be used, 74 what is told cannot be written, 78 the configuration cannot be \
        read, or something in it is wrong. docs/SHIP.md has the rest.
        """
}
