#!/usr/bin/python3
"""A stand-in for code-server: what it does stands in the file MODE beside it."""

import os
import socket
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
mode = open(os.path.join(here, "MODE")).read()
with open(os.path.join(here, "starts"), "a") as starts:
    starts.write("start\n")
with open(os.path.join(here, "arguments"), "w") as arguments:
    arguments.write("\n".join(sys.argv[1:]))
with open(os.path.join(here, "environment"), "w") as environment:
    environment.write("\n".join(f"{name}={value}" for name, value in os.environ.items()))
if mode == "crash":
    print("the last words", file=sys.stderr)
    sys.exit(7)
if mode == "hang":
    while True:
        time.sleep(1000)
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[sys.argv.index("--socket") + 1])
listener.listen()
asked = 0
while True:
    connection, _ = listener.accept()
    asked += 1
    words = connection.recv(4096)
    if mode == "garbage":
        connection.sendall(b"what a lovely day it is\n" * 10)
    elif mode == "errors":
        connection.sendall(b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n")
    else:
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello")
    if mode == "once":
        # Ready, and then gone.
        connection.close()
        sys.exit(3)
    if b"/healthz" in words:
        connection.close()
    else:
        kept = connection
