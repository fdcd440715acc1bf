"""A writer that follows the rules of concurrent-log-handler's timed handler: its lock file, flock, and the next rotation's time in it.

The real one is not in Debian's package, so this program judges in its place. Usage: PATH ID COUNT OPTIONS (maxBytes, useGzip; a period is
one second, UTC). Pauses so that the records fill several periods.
"""

import fcntl
import gzip
import json
import os
import random
import shutil
import sys
import time

from begin_together import begin_together

path, ident, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
options = json.loads(sys.argv[4])
folder, name = os.path.split(path)
lock_path = os.path.join(folder, ".__" + name.removesuffix(".log") + ".lock")
stream = None


def rotate(due: int) -> None:
    """Compresses under the lock, as that handler does, and takes the first name that is free."""
    base = f"{path}.{time.strftime('%Y-%m-%d_%H-%M-%S', time.gmtime(due - 1))}"
    temporary = f"{path}.rotate.{random.randrange(10**8):08d}"
    os.rename(path, temporary)
    suffix = ""
    if options.get("useGzip"):
        with open(temporary, "rb") as plain, gzip.open(temporary + ".gz", "wb") as compressed:
            shutil.copyfileobj(plain, compressed)
        os.remove(temporary)
        suffix = ".gz"
    target, number = base, 0
    while os.path.exists(target) or os.path.exists(target + ".gz"):
        number += 1
        target = f"{base}.{number}"
    os.rename(temporary + suffix, target + suffix)


begin_together(ident)
with open(lock_path, "a+") as lock:
    for i in range(count):
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        text = lock.read()
        due = int(text) if text.isdigit() else int(time.time()) + 1
        now = time.time()
        size = os.path.getsize(path) if os.path.exists(path) else 0
        full = 0 < options.get("maxBytes", 0) <= size
        if size and (now >= due or full):
            if stream:
                stream.close()
                stream = None
            rotate(due)
        if now >= due or not text.isdigit():
            lock.seek(0)
            lock.truncate()
            lock.write(str(int(now) + 1))
            lock.flush()
            os.fsync(lock.fileno())
        if stream is None or not os.path.exists(path) or os.fstat(stream.fileno()).st_ino != os.stat(path).st_ino:
            if stream:
                stream.close()
            stream = open(path, "a", encoding="utf-8", newline="")
        stream.write(f"{ident} {i} 😀 {'x' * 60}\n")
        stream.flush()
        fcntl.flock(lock, fcntl.LOCK_UN)
        time.sleep(0.002)
