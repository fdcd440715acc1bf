"""A client of the bare Safelog protocol: two connections per entry, no acknowledgement. Some readings raise, with real tracebacks."""

import datetime
import getpass
import os
import random
import socket
import time
import traceback

from figures import calibrate

address = (os.environ.get('SAFELOG_HOST', '127.0.0.1'), int(os.environ.get('SAFELOG_PORT', '8534')))
user = os.environ.get('DEMO_USER') or getpass.getuser()


def send(basename, text):
    stamp = datetime.datetime.now(datetime.timezone.utc)
    try:
        with socket.create_connection(address, timeout=5) as connection:
            connection.sendall(f'{user}\x01{basename}\x01{stamp} {text}\n'.encode())
    except OSError:
        pass  # As with the original, an entry that finds no service is lost.


def log(level, text):
    send('sensors.log', f'{level} {text}')
    send('master.log', f'sensors.log {level} {text}')


while True:
    for name, offsets in [('boiler', {'zero': 3}), ('roof', {'zero': 1}), ('cellar', {})]:
        try:
            log('INFO', f'{name}: {calibrate(random.randint(10, 30), offsets)} °C')
        except ValueError:
            log('DEBUG', traceback.format_exc())
        time.sleep(random.uniform(0.6, 1.8))
    if random.random() < 0.2:
        log('WARNING', 'battery low\r\n\x1b[33m■■\x1b[0m□□□□□□□□ 20 %')
