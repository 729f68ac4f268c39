#!/usr/bin/env python3
"""A language server that needs no time: its completions are made at its start."""
import json, sys

LIST = json.dumps({"isIncomplete": False, "items": [
    {"label": f"documentElement{number}", "kind": 6, "sortText": f"{number:05}", "detail": "property of an object",
     "data": {"file": "/workspace/src/a.sh", "line": 1, "offset": 2, "entryNames": [f"documentElement{number}"]}}
    for number in range(ITEMS)]})


def write(text):
    body = text.encode()
    sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    sys.stdout.buffer.flush()


while True:
    length = 0
    while True:
        line = sys.stdin.buffer.readline()
        if not line:
            sys.exit(0)
        if line == b"\r\n":
            break
        name, value = line.split(b":")
        length = int(value)
    message = json.loads(sys.stdin.buffer.read(length))
    if "method" not in message or "id" not in message:
        continue
    result = "null"
    if message["method"] == "initialize":
        result = '{"capabilities":{"textDocumentSync":2,"completionProvider":{}}}'
    elif message["method"] == "textDocument/completion":
        result = LIST
    write('{"jsonrpc":"2.0","id":%s,"result":%s}' % (json.dumps(message["id"]), result))
