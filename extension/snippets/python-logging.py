# Python's own logging, straight into the log tree: nothing has to run for it.
import getpass
import logging
import pathlib

folder = pathlib.Path('{{root}}') / getpass.getuser()
folder.mkdir(parents=True, exist_ok=True)
logging.basicConfig(
    filename=folder / 'hello.log',
    encoding='utf-8',
    level=logging.INFO,
    format='%(asctime)s %(levelname)s %(message)s',
)

logging.info('Hello from Python')
try:
    1 / 0
except ZeroDivisionError:
    logging.exception('This one failed, only to show its traceback')
