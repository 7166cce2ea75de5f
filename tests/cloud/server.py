"""moto on this machine, one request after the other: server.py PORT. It ends when its standard input is closed.

moto looks at the condition of a write and writes in two steps, so that two of its threads may both win.
"""

import os
import sys
import threading

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
moto, one = DomainDispatcherApplication(create_backend_app), threading.Lock()


def serial(environ, start):
    with one:
        return list(moto(environ, start))


run_simple("127.0.0.1", int(sys.argv[1]), serial, threaded=True)
