"""Python's own logging over its SocketHandler: logger, thread, source line and extras come along."""

import logging
import logging.handlers
import os
import random
import threading
import time

handler = logging.handlers.SocketHandler('127.0.0.1', int(os.environ['PYTHON_TCP_PORT']))
logging.basicConfig(level=logging.DEBUG, handlers=[handler])


def deliver(log, parcel):
    log.info('parcel %d is on its way', parcel, extra={'parcel': parcel, 'weight': random.choice([0.4, 1.2, 7.5])})
    time.sleep(random.uniform(0.5, 2))
    try:
        if random.random() < 0.25:
            raise TimeoutError('nobody was at home')
        log.debug('parcel %d was handed over', parcel)
    except TimeoutError:
        log.exception('parcel %d comes back', parcel)


def drive(route):
    log = logging.getLogger('parcels.' + route)
    parcel = random.randint(100, 900)
    while True:
        deliver(log, parcel)
        parcel += 1


for route in ['north', 'harbour']:
    threading.Thread(target=drive, args=(route,), name=route).start()
