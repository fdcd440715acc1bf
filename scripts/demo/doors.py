"""Python's SysLogHandler, which any syslog daemon understands."""

import logging
import logging.handlers
import os
import random
import time

handler = logging.handlers.SysLogHandler(('127.0.0.1', int(os.environ['SYSLOG_PORT'])), facility=logging.handlers.SysLogHandler.LOG_AUTH)
handler.ident = 'doors: '
log = logging.getLogger('doors')
log.setLevel(logging.DEBUG)
log.addHandler(handler)

while True:
    door = random.choice(['main', 'yard', 'cellar'])
    if random.random() < 0.15:
        log.warning('the %s door has been open for 5 minutes', door)
    else:
        log.info('the %s door was opened', door)
    time.sleep(random.uniform(1, 3))
