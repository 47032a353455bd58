"""A server on this machine that stands in for the ones that data sets are downloaded from."""

import http.server
import threading


class FileServer(http.server.ThreadingHTTPServer):
    """Serves `files`, bytes by name, from memory; `answers` may replace what the next get.

    An answer is an HTTP status, "truncated", or "stalled": half of the file and then no more until
    the server ends; `stalled` is set when that half is out.
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
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if isinstance(answer, str) else content)
        if answer == "stalled":
            self.wfile.flush()
            self.server.stalled.set()
            self.server.ended.wait(60)

    def log_message(self, *args):
        pass
