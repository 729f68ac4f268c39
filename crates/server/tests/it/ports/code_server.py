#!/usr/bin/python3
"""A stand-in for code-server: echoes what it is asked, and speaks WebSocket. Not while there is a HOLD beside it."""

import base64
import hashlib
import http.server
import json
import os
import socketserver
import sys
import time

HOLD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "HOLD")
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.headers.get("upgrade"):
            self.talk()
            return
        self.rfile.read(int(self.headers.get("content-length", 0)))
        said = {"method": self.command, "target": self.path, "headers": self.headers.items()}
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def talk(self):
        key = self.headers["sec-websocket-key"].encode()
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
        self.send_response(101)
        self.send_header("connection", "upgrade")
        self.send_header("upgrade", "websocket")
        self.send_header("sec-websocket-accept", accept)
        self.send_header("sec-websocket-protocol", self.headers["sec-websocket-protocol"])
        self.end_headers()
        # Short texts come back (RFC 6455).
        while head := self.rfile.read(2):
            mask = self.rfile.read(4)
            words = self.rfile.read(head[1] & 0x7F)
            words = bytes(byte ^ mask[at % 4] for at, byte in enumerate(words))
            self.wfile.write(bytes([head[0], len(words)]) + words)
        self.close_connection = True


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


while os.path.exists(HOLD):
    time.sleep(0.01)
Server(sys.argv[sys.argv.index("--socket") + 1], Handler).serve_forever()
