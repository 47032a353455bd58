"""A server on this machine that stands in for the ones that data sets are downloaded from."""

import contextlib
import http.server
import threading


class FileServer(http.server.ThreadingHTTPServer):
    """Serves `files`, bytes by name, from memory; `answers` replaces the next answers.

    An answer is an HTTP status or one of these:

    - "truncated": half of the file.
    - "stalled": half of the file and then nothing until the server ends. The event `stalled` is set
      when that half is sent.
    - "slow headers", "slow content": one byte every 20 ms until the server ends.
    - "endless": 64 MB, without saying so in the headers.
    """

    daemon_threads = True

    def __init__(self, files):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = dict(files)
        self.requests = []
        self.answers = []
        self.stalled, self.ended = threading.Event(), threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}/"
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exception):
        self.ended.set()
        self.shutdown()
        self.thread.join()
        self.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        file = self.path[1:]
        self.server.requests.append(file)
        content = self.server.files.get(file)
        answer = self.server.answers.pop(0) if self.server.answers else None
        if isinstance(answer, int) or content is None:
            self.send_error(answer or 404)
            return
        self.send_response(200)
        with contextlib.suppress(ConnectionError):
            self._send(content, answer)

    def _send(self, content, answer):
        if answer == "slow headers":
            self.flush_headers()
            self._drip(b"X-Slow: ")
        if answer not in ("slow content", "endless"):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if answer == "slow content":
            self._drip(b"")
        elif answer == "endless":
            for _ in range(64):
                self.wfile.write(bytes(2**20))
        else:
            self.wfile.write(content if answer is None else content[: len(content) // 2])
        if answer == "stalled":
            self.wfile.flush()
            self.server.stalled.set()
            self.server.ended.wait(60)

    def _drip(self, start):
        self.wfile.write(start)
        while not self.server.ended.wait(0.02):
            self.wfile.write(b"x")

    def log_message(self, *args):
        pass
