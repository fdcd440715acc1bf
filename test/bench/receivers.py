"""
The peers of the receivers, and who sends to both.

receivers.py receive KIND FILE COUNT   Python's own receiver of the cookbook (https://docs.python.org/3/howto/logging-cookbook.html
                                       #sending-and-receiving-logging-events-across-a-network), for the other kinds built in the same way.
                                       Prints its port, then `done` when COUNT records are in FILE, or for datagrams when no more come.
receivers.py send KIND PORT COUNT      Makes COUNT records, prints `ready`, waits for a line, and sends them as fast as it can.
"""
import http.server
import json
import logging
import logging.handlers
import pickle
import socket
import socketserver
import struct
import sys
import threading
import time
import urllib.parse

HOST = '127.0.0.1'
FORMAT = '%(asctime)s %(levelname)s [%(name)s %(process)d %(threadName)s %(pathname)s:%(lineno)d] %(message)s'
OTLP_BATCH = 512


def make_record(n):
    return logging.LogRecord('bench.web', logging.INFO, '/opt/app/web.py', 42, 'request %d took %.3f ms', (n, n / 7), None, 'handle')


def run_receiver(kind, path, count):
    handler = logging.FileHandler(path)
    handler.setFormatter(logging.Formatter(FORMAT))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(1)
    received = 0
    lock = threading.Lock()

    began = None

    def tell():
        print('done %d %d' % (received, (time.process_time() - began) * 1e6), flush=True)

    def take(record):
        nonlocal received, began
        if began is None:
            began = time.process_time()
        logging.getLogger(record.name).handle(record)
        with lock:
            received += 1
            if received == count:
                tell()

    def syslog(data):
        text = data.rstrip(b'\0').decode()
        end = text.index('>')
        priority = int(text[1:end])
        tag, message = text[end + 1:].split(': ', 1)
        level = {7: 10, 6: 20, 4: 30, 3: 40, 2: 50}[priority & 7]
        take(logging.makeLogRecord({'name': tag, 'levelno': level, 'levelname': logging.getLevelName(level), 'msg': message}))

    class PythonTcp(socketserver.StreamRequestHandler):
        def handle(self):
            while True:
                chunk = self.connection.recv(4)
                if len(chunk) < 4:
                    break
                length = struct.unpack('>L', chunk)[0]
                chunk = self.connection.recv(length)
                while len(chunk) < length:
                    chunk = chunk + self.connection.recv(length - len(chunk))
                take(logging.makeLogRecord(pickle.loads(chunk)))

    class PythonUdp(socketserver.BaseRequestHandler):
        def handle(self):
            take(logging.makeLogRecord(pickle.loads(self.request[0][4:])))

    class SyslogUdp(socketserver.BaseRequestHandler):
        def handle(self):
            syslog(self.request[0])

    class SyslogTcp(socketserver.StreamRequestHandler):
        def handle(self):
            held = b''
            while True:
                chunk = self.connection.recv(65536)
                if not chunk:
                    break
                *messages, held = (held + chunk).split(b'\0')
                for message in messages:
                    syslog(message)

    class JsonLines(socketserver.StreamRequestHandler):
        def handle(self):
            for line in self.rfile:
                fields = json.loads(line)
                level = fields['level'] - 10
                take(logging.makeLogRecord({'name': fields['name'], 'levelno': level, 'levelname': logging.getLevelName(level), 'msg': fields['msg'],
                                            'created': fields['time'] / 1000, 'process': fields['pid']}))

    class Web(http.server.BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'

        def do_POST(self):
            body = self.rfile.read(int(self.headers['Content-Length'])).decode()
            if kind == 'http':
                fields = {key: values[0] for key, values in urllib.parse.parse_qs(body).items()}
                for key in ('levelno', 'lineno', 'process'):
                    fields[key] = int(fields[key])
                fields.update(created=float(fields['created']), msecs=float(fields['msecs']), args=None, exc_info=None, exc_text=None, stack_info=None)
                take(logging.makeLogRecord(fields))
            else:
                for resource in json.loads(body)['resourceLogs']:
                    for scope in resource['scopeLogs']:
                        for each in scope['logRecords']:
                            take(logging.makeLogRecord({'name': scope['scope']['name'], 'levelno': 20, 'levelname': 'INFO',
                                                        'msg': each['body']['stringValue'], 'created': int(each['timeUnixNano']) / 1e9}))
            self.send_response(200)
            self.send_header('Content-Length', '0')
            self.end_headers()

        def log_message(self, *args):
            pass

    servers = {
        'python-tcp': (socketserver.ThreadingTCPServer, PythonTcp),
        'python-udp': (socketserver.UDPServer, PythonUdp),
        'syslog-tcp': (socketserver.ThreadingTCPServer, SyslogTcp),
        'syslog-udp': (socketserver.UDPServer, SyslogUdp),
        'json': (socketserver.ThreadingTCPServer, JsonLines),
        'http': (http.server.ThreadingHTTPServer, Web),
        'otlp': (http.server.ThreadingHTTPServer, Web),
    }
    make, handle = servers[kind]
    make.allow_reuse_address = True
    make.request_queue_size = 1024
    server = make((HOST, 0), handle)
    if kind.endswith('udp'):
        server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    seen = -1
    while kind.endswith('udp'):
        time.sleep(1)
        if received == seen and received > 0:
            tell()
            break
        seen = received
    sys.stdin.readline()


def messages(kind, count):
    """The bytes of so many records, as their senders make them."""
    out = []
    handler = logging.handlers.SocketHandler(HOST, 1)
    for n in range(count):
        record = make_record(n)
        if kind.startswith('python'):
            out.append(handler.makePickle(record))
        elif kind.startswith('syslog'):
            out.append(('<14>bench.web: %s\0' % record.getMessage()).encode())
        elif kind == 'json':
            out.append((json.dumps({'level': 30, 'time': int(record.created * 1000), 'pid': 4711, 'name': 'bench.web', 'msg': record.getMessage()}) + '\n').encode())
        elif kind == 'http':
            body = urllib.parse.urlencode({**record.__dict__, 'msg': record.getMessage(), 'args': '()'}).encode()
            out.append(b'POST /log HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-type: application/x-www-form-urlencoded\r\nContent-length: %d\r\n\r\n%s' % (len(body), body))
        else:
            out.append({'timeUnixNano': str(int(record.created * 1e9)), 'severityNumber': 9, 'body': {'stringValue': record.getMessage()}})
    if kind == 'otlp':
        batches = [out[at:at + OTLP_BATCH] for at in range(0, count, OTLP_BATCH)]
        bodies = [json.dumps({'resourceLogs': [{'resource': {'attributes': [{'key': 'service.name', 'value': {'stringValue': 'bench'}}]},
                                                'scopeLogs': [{'scope': {'name': 'bench.web'}, 'logRecords': batch}]}]}).encode() for batch in batches]
        out = [b'POST /v1/logs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-type: application/json\r\nContent-length: %d\r\n\r\n%s' % (len(body), body) for body in bodies]
    return out


def send_http(port, requests):
    """One connection for each record, as HTTPHandler has it."""
    for request in requests:
        connection = socket.create_connection((HOST, port))
        connection.sendall(request)
        connection.recv(4096)
        connection.close()


def run_sender(kind, port, count):
    out = messages(kind, count)
    # Memory for all of it takes its time, too.
    stream = b''.join(out) if kind in ('python-tcp', 'syslog-tcp', 'json') else b''
    print('ready', flush=True)
    sys.stdin.readline()
    if kind.endswith('udp'):
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sender.connect((HOST, port))
        for message in out:
            sender.send(message)
    elif kind == 'http':
        threads = [threading.Thread(target=send_http, args=(port, out[i::8])) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    elif kind == 'otlp':
        connection = socket.create_connection((HOST, port))
        for request in out:
            connection.sendall(request)
            connection.recv(4096)
    else:
        with socket.create_connection((HOST, port)) as connection:
            connection.sendall(stream)


if __name__ == '__main__':
    _, what, kind, *rest = sys.argv
    if what == 'receive':
        run_receiver(kind, rest[0], int(rest[1]))
    else:
        run_sender(kind, int(rest[0]), int(rest[1]))
