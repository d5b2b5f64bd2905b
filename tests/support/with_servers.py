#!/usr/bin/env python3
"""with_servers.py --kafka -- COMMAND...: runs COMMAND beside a fresh Kafka broker, whose host:port is
in GUARDWATCH_TEST_BROKERS, and ends with COMMAND's code. 77, with the reason, if there is no broker
to be had."""

import argparse
import os
import subprocess
import sys

from servers import KafkaBroker, ServerMissing

SKIPPED = 77


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kafka", action="store_true", help="start a Kafka broker")
    parser.add_argument("--topic", action="append", default=[], metavar="NAME:PARTITIONS",
                        help="create this topic on it; may be repeated")
    parser.add_argument("command", nargs="+", metavar="COMMAND")
    arguments = parser.parse_args()
    if not arguments.kafka:
        return subprocess.run(arguments.command, check=False).returncode
    try:
        with KafkaBroker() as broker:
            for topic in arguments.topic:
                name, partitions = topic.rsplit(":", 1)
                broker.create_topic(name, int(partitions))
            environment = os.environ | {"GUARDWATCH_TEST_BROKERS": broker.address}
            code = subprocess.run(arguments.command, env=environment, check=False).returncode
            # A signal's negative number would be cut to another one; the shell's way is 128 + signal.
            return code if code >= 0 else 128 - code
    except ServerMissing as missing:
        print(f"SKIPPED: {missing}", flush=True)
        return SKIPPED


if __name__ == "__main__":
    sys.exit(main())
