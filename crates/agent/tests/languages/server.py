#!/usr/bin/env python3
"""A language server that does as it is told: by the file MODE beside it, and by requests."""
import json, os, sys, time

MODE = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "MODE")).read().strip()
if MODE == "crash":
    print("fatal: no such option", file=sys.stderr)
    sys.exit(3)
if MODE == "garbage":
    print("Welcome to the language server!", flush=True)
    time.sleep(1000)

texts, received, memory, asked = {}, [], [], {}


def read():
    length = 0
    while True:
        line = sys.stdin.buffer.readline()
        if not line:
            sys.exit(0)
        if line == b"\r\n":
            return json.loads(sys.stdin.buffer.read(length))
        name, value = line.split(b":")
        length = int(value)


def write(message):
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    sys.stdout.buffer.flush()


def offset(text, position):
    lines = text.split("\n")
    return sum(len(line) + 1 for line in lines[: position["line"]]) + position["character"]


def edit(text, change):
    if "range" not in change:
        return change["text"]
    start, end = (offset(text, change["range"][end]) for end in ("start", "end"))
    return text[:start] + change["text"] + text[end:]


def publish(uri, version):
    write({"method": "textDocument/publishDiagnostics", "params": {
        "uri": uri, "version": version, "diagnostics": [{"message": texts[uri]}]}})


def ask(method, params):
    """Asks the client; what it answers."""
    write({"id": "ask", "method": method, "params": params})
    while True:
        message = read()
        if message.get("id") == "ask" and "method" not in message:
            return message.get("result", message.get("error"))
        handle(message)


def request(method, params):
    if method == "initialize":
        if MODE == "mute":
            time.sleep(1000)
        received.append(params)
        return {"capabilities": {"textDocumentSync": {"openClose": True, "change": 1 if MODE == "full" else 2}}}
    if method == "test/state":
        return {"pid": os.getpid(), "texts": texts, "received": received}
    if method == "test/die":
        sys.exit(7)
    if method == "test/hang":
        time.sleep(1000)
    if method == "test/eat":
        memory.append(bytearray(os.urandom(1024)) * (300 * 1024))
        return None
    if method == "test/flood":
        while True:
            write({"method": "window/logMessage", "params": {"type": 4, "message": "again"}})
    if method == "test/ask":
        return ask(params["method"], params["params"])
    if method == "test/say":
        write(params)
    if method == "test/slow":
        return params
    return params


def handle(message):
    method, params = message.get("method"), message.get("params")
    if method is None:
        return
    if "id" in message:
        if method != "initialize":
            received.append(method)
        write({"id": message["id"], "result": request(method, params)})
        return
    received.append(method)
    if method == "textDocument/didOpen":
        document = params["textDocument"]
        texts[document["uri"]] = document["text"]
        publish(document["uri"], document["version"])
    elif method == "textDocument/didChange":
        uri = params["textDocument"]["uri"]
        for change in params["contentChanges"]:
            texts[uri] = edit(texts[uri], change)
        publish(uri, params["textDocument"]["version"])
    elif method == "textDocument/didClose":
        del texts[params["textDocument"]["uri"]]
    elif method == "exit":
        sys.exit(0)


while True:
    handle(read())
