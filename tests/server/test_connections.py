import http.client
import socket
import threading
import time

from harness import Events, ServerTest


class Connections(ServerTest):
    def test_slow_connections_hold_nobody_up_and_are_let_go(self):
        slow = []
        for kind in range(100):
            sock = socket.create_connection(("127.0.0.1", self.server.port), timeout=30)
            if kind % 4 == 0:
                sock.sendall(b"GET / HT")
            elif kind % 4 == 1:
                sock.sendall(b"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                             b"Content-Length: 1000000\r\n\r\n{")
            elif kind % 4 == 2:
                sock.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
            slow.append(sock)
        began = time.monotonic()
        done = threading.Event()

        def drip():  # a byte now and then, to look alive
            while not done.wait(0.5):
                for kind, sock in enumerate(slow):
                    if kind % 4 in (1, 2):
                        try:
                            sock.sendall(b"a")
                        except OSError:
                            pass
        dripper = threading.Thread(target=drip)
        dripper.start()
        try:
            for _ in range(20):
                self.assertEqual(self.server.get("/healthz", timeout=5).status, 200)
            self.server.drawn("while others dawdle")
            # Those that began a request have 10 seconds for its header; bodies have 4 KiB/s to keep.
            for kind, sock in enumerate(slow):
                if kind % 4 == 3:
                    continue  # said nothing yet: it may wait a minute
                sock.settimeout(40)
                try:
                    while sock.recv(65536):
                        pass
                except ConnectionError:
                    pass
            self.assertLess(time.monotonic() - began, 45)
        finally:
            done.set()
            dripper.join()
            for sock in slow:
                sock.close()

    def test_a_hundred_connections_at_once(self):
        failures = []

        def visit():
            connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
            for path in ("/", "/api/v1/system", "/api/v1/pictures", "/healthz") * 3:
                connection.request("GET", path)
                response = connection.getresponse()
                response.read()
                if response.status != 200:
                    failures.append((path, response.status))
            connection.close()
        threads = [threading.Thread(target=visit) for _ in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_two_hundred_streams_hear_the_same(self):
        streams = [Events(self.server, "/api/v1/events") for _ in range(200)]
        try:
            job = self.server.draw("for many", steps=3, reuse=False)["id"]
            for stream in streams[::20]:
                self.assertIn(("done", job), ((name, data.get("job")) for name, data, _ in stream))
        finally:
            for stream in streams:
                stream.close()

    def test_requests_may_follow_each_other_on_one_connection(self):
        request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        last = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        answer = self.server.raw(request * 3 + last, timeout=5)
        self.assertEqual(answer.count(b"HTTP/1.1 200 OK"), 4)

    def test_what_is_read_ahead_of_a_body_is_bounded(self):
        head = (b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n")
        for body in (b"2;a=" + b"x" * 40000 + b"\r\n{}\r\n0\r\n\r\n",
                     b"2\r\n{}\r\n0\r\n" + b"X: y\r\n" * 10000 + b"\r\n"):
            self.assertIn(b"HTTP/1.1 431 ", self.server.raw(head + body, timeout=5)[:20])
        small = b"2;a=b\r\n{}\r\n0\r\nX: y\r\n\r\n"
        self.assertNotIn(b" 431 ", self.server.raw(head.replace(b"Host", b"Connection: close\r\nHost") + small, timeout=5))

    def test_a_body_may_be_announced(self):
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=5) as sock:
            sock.sendall(b"PUT /api/v1/catalogue HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                         b"Content-Length: 28\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n")
            self.assertTrue(sock.recv(1000).startswith(b"HTTP/1.1 100 Continue"))
            sock.sendall(b'{"subjects":[], "styles":[]}')
            self.assertTrue(sock.recv(1000).startswith(b"HTTP/1.1 200 OK"))
