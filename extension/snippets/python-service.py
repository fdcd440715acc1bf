# The protocol of Safelog's Python client: one TCP connection for each line, three fields parted by the byte 1.
import datetime
import getpass
import socket


def send(basename, text):
    stamp = datetime.datetime.now(datetime.timezone.utc)
    with socket.create_connection(('{{host}}', '{{port}}'), timeout=5) as connection:
        connection.sendall(f'{getpass.getuser()}\x01{basename}\x01{stamp} {text}\n'.encode())


def log(module, level, text):
    send(f'{module}.log', f'{level} {text}')
    send('master.log', f'{module}.log {level} {text}')


log('hello', 'INFO', 'Hello from Python, through the service')
