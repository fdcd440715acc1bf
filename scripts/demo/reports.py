"""Python's own logging, into a file of the tree: ROOT/USER/reports.log, with its usual layout. Some reports fail, with real tracebacks."""

import getpass
import logging
import os
import pathlib
import random
import time

from figures import average

folder = pathlib.Path(os.environ['SAFELOG_ROOT'], os.environ.get('DEMO_USER') or getpass.getuser())
folder.mkdir(parents=True, exist_ok=True)
logging.basicConfig(
    filename=folder / 'reports.log',
    encoding='utf-8',
    level=logging.DEBUG,
    format='%(asctime)s %(levelname)s %(name)s: %(message)s',
)
log = logging.getLogger('reports.monthly')

months = [[3, 5, 8], [13, 21], [], [34, 55, 89], [1, None, 2]]
while True:
    for number, figures in enumerate(months, 1):
        log.debug('month %d has %d figures', number, len(figures))
        try:
            log.info('month %d: the average is %.2f', number, average(figures))
        except Exception:
            log.exception('month %d could not be reported', number)
        time.sleep(random.uniform(0.5, 1.5))
    log.log(random.choice([logging.WARNING, logging.CRITICAL]), 'that was the year; it begins again')
