"""A small name server on 127.0.0.1: it answers what the test has published, and nothing else exists."""

import contextlib
import socketserver
import threading
from collections import Counter

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


class NameServer:
    """``names``: (name, type) -> texts of records. ``broken``: names that end in SERVFAIL; ``silent``: in nothing."""

    def __init__(self):
        self.names = {}
        self.broken = set()
        self.silent = set()
        self.asked = Counter()
        records = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                data, socket = self.request
                if (answer := records.answer(data)) is not None:
                    socket.sendto(answer, self.client_address)

        class Stream(socketserver.StreamRequestHandler):
            def handle(self):
                size = int.from_bytes(self.rfile.read(2))
                if (answer := records.answer(self.rfile.read(size), whole=True)) is not None:
                    self.wfile.write(len(answer).to_bytes(2) + answer)

        self._datagrams, self._streams = self._bind(Handler, Stream)
        self.port = self._datagrams.server_address[1]
        self._threads = [
            threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.02})
            for one in (self._datagrams, self._streams)
        ]
        for one in self._threads:
            one.start()

    @staticmethod
    def _bind(datagrams, streams):
        """The same port for both, which the kernel does not promise at once."""
        for _ in range(50):
            first = socketserver.UDPServer(("127.0.0.1", 0), datagrams)
            with contextlib.suppress(OSError):
                return first, socketserver.TCPServer(first.server_address, streams)
            first.server_close()
        raise OSError("no port is free for both")

    def close(self):
        for one in (self._datagrams, self._streams):
            one.shutdown()
            one.server_close()
        for one in self._threads:
            one.join()

    def publish(self, name, kind, *values):
        """TXT values are given as text, and cut into strings of 255 here."""
        if kind == "TXT":
            values = [" ".join(f'"{one[at : at + 255]}"' for at in range(0, len(one), 255)) for one in values]
        self.names[name, kind] = values

    def answer(self, data, *, whole=False):
        query = dns.message.from_wire(data)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = question.rdtype.name
        self.asked[name, kind] += 1
        if name in self.silent:
            return None
        answer = dns.message.make_response(query, recursion_available=True)
        if name in self.broken:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif values := self.names.get((name, kind)):
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *values))
        elif not any(one == name for one, _ in self.names):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        if not whole and len(wire := answer.to_wire()) > 1_232:
            answer.answer.clear()
            answer.flags |= dns.flags.TC
            return answer.to_wire()
        return wire if not whole else answer.to_wire()
