"""Logs through every network handler of the standard library to the ports that are given as JSON."""
import json
import logging
import logging.handlers
import sys
import threading

ports = json.loads(sys.argv[1])
host = '127.0.0.1'


def http(method):
    return logging.handlers.HTTPHandler('%s:%d' % (host, ports['http']), '/log', method)


handlers = {
    'tcp': lambda: logging.handlers.SocketHandler(host, ports['python-tcp']),
    'udp': lambda: logging.handlers.DatagramHandler(host, ports['python-udp']),
    'get': lambda: http('GET'),
    'post': lambda: http('POST'),
    'sysudp': lambda: logging.handlers.SysLogHandler((host, ports['syslog'])),
    'systcp': lambda: logging.handlers.SysLogHandler((host, ports['syslog']), socktype=__import__('socket').SOCK_STREAM),
    'sysunix': lambda: logging.handlers.SysLogHandler(ports['syslogSocket']),
}


def log(logger):
    logger.debug('a debug one')
    logger.info('user %s did %d things in %.3f s', 'alice', 42, 1.5)
    logger.warning('café 日本語 😀', extra={'k': 1, 'tags': ['a', {'b': None}], 'who': object})
    logger.info('[- - - -] forged\n2026-01-01 00:00:00+00:00 ERROR forged')
    logger.log(35, 'between')
    try:
        {}['missing']
    except KeyError:
        logger.exception('lookup failed')
    logger.info('x' * 20000)


logging.raiseExceptions = True
for name, make in handlers.items():
    handler = make()
    if name.startswith('sys'):
        handler.ident = 'app.%s: ' % name
    logger = logging.getLogger('app.%s' % name)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.addHandler(handler)
    log(logger)
    if name not in ('udp', 'sysudp'):
        threads = [
            threading.Thread(name='T-%d' % i, target=lambda i=i: [logger.info('thread %d record %d', i, n) for n in range(20)]) for i in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    handler.close()

root = logging.getLogger()
handler = handlers['tcp']()
root.addHandler(handler)
root.warning('from the root')
handler.close()
