"""A client of the original Safelog protocol: two connections for each entry, closed without waiting for anything.

Usage: safelog_client.py PORT CLIENT COUNT. Logs COUNT entries as client CLIENT into load.log and master.log of the user alice. Every
50th entry is 3 MB long, every 7th has several lines. Prints the seconds that it took.
"""

import socket
import sys
import time
from datetime import datetime, timezone


def send(port: int, basename: str, message: str) -> None:
    entry = f"{datetime.now(timezone.utc)} {message}\n"
    with socket.create_connection(("localhost", port), timeout=30) as connection:
        connection.sendall(f"alice\x01{basename}\x01{entry}".encode())


def main() -> None:
    port, client, count = (int(argument) for argument in sys.argv[1:])
    start = time.monotonic()
    for number in range(count):
        text = f"client {client} entry {number}"
        if number % 50 == 25:
            text += " " + "x" * 3_000_000
        elif number % 7 == 3:
            text += "\nsecond line\n\tthird line ✓"
        send(port, "load.log", f"DEBUG {text}")
        send(port, "master.log", f"load.log DEBUG {text}")
    print(time.monotonic() - start)


main()
