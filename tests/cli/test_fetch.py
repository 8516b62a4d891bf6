"""`easel fetch` against a server on loopback that has bad days: connections that break, lengths that
lie, bytes that are wrong. What has a model's name is always the whole model."""
import hashlib
import http.server
import json
import os
import re
import signal
import subprocess
import threading
import unittest

from support import EASEL, CliTest

BODY = bytes(range(256)) * 1200 + b"the end"  # 307 kB
SMALL = b'{"a": 1}'


class Server(http.server.ThreadingHTTPServer):
    """Serves BODY at /big and SMALL at /small; `faults` says how a request for /big goes wrong."""
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = {"/big": BODY, "/small": SMALL}
        self.requests_seen = []  # (path, Range, If-Range)
        self.tokens_seen = []    # Authorization
        self.break_after = None  # bytes after which each connection for /big is dropped
        self.announce = None     # a Content-Length that is not true
        self.wrong_byte = False
        self.ranges = True
        self.etag = '"one"'
        self.status = None       # answered in place of the first file asked for …
        self.statuses = []       # … or one after another
        self.redirect = None
        self.hold = None         # an event: the rest of the body waits for it
        self.extra = b""
        self.range_lie = 0       # added to the start that Content-Range states
        self.encoding = None
        self.linked = None       # X-Linked-Etag: what the server says of the content
        self.no_length = False
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass  # clients that go away are part of the tests

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        server = self.server
        server.requests_seen.append((self.path, self.headers.get("Range"), self.headers.get("If-Range")))
        server.tokens_seen.append(self.headers.get("Authorization"))
        status = server.statuses.pop(0) if server.statuses else server.status
        if status:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if server.redirect:
            self.send_response(302)
            self.send_header("Location", server.redirect + self.path)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = server.files.get(self.path)
        if body is None:
            self.send_error(404)
            return
        self.serve(body, faulty=self.path == "/big" or self.path.endswith("vocab.txt"))

    def serve(self, body, faulty):
        server = self.server
        if faulty and server.wrong_byte:
            body = body[:1000] + bytes([body[1000] ^ 1]) + body[1001:]
        if faulty:
            body += server.extra
        start = 0
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        same = self.headers.get("If-Range") in (None, server.etag)
        if asked and server.ranges and same:
            start = int(asked.group(1))
            if start >= len(body):
                self.send_response(416)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206)
            stated = start + server.range_lie
            self.send_header("Content-Range", f"bytes {stated}-{len(body) - 1}/{len(body)}")
        else:
            self.send_response(200)
        length = len(body) - start
        if faulty and server.announce is not None:
            length = server.announce
        if not (faulty and server.no_length):
            self.send_header("Content-Length", str(length))
        else:
            self.send_header("Connection", "close")
        if server.etag:
            self.send_header("ETag", server.etag)
        if server.encoding:
            self.send_header("Content-Encoding", server.encoding)
        if faulty and server.linked:
            self.send_header("X-Linked-Etag", server.linked)
        self.end_headers()
        rest = body[start:]
        try:
            if faulty and server.break_after is not None and len(rest) > server.break_after:
                self.wfile.write(rest[:server.break_after])
                self.wfile.flush()
                if server.hold:
                    server.hold.wait(60)
                self.close_connection = True
                self.connection.close()
                return
            self.wfile.write(rest)
            if faulty and server.no_length:
                self.close_connection = True
        except (BrokenPipeError, ConnectionResetError, ValueError, OSError):
            self.close_connection = True


class Fetch(CliTest):
    def setUp(self):
        super().setUp()
        self.server = Server()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.models = self.folder / "data/easel/models"
        self.catalogue = self.folder / "catalogue.json"
        self.write_catalogue()

    def write_catalogue(self, model=None, **changes):
        big = {"url": self.server.url + "/big", "path": "parts/big.dat", "bytes": len(BODY),
               "sha256": hashlib.sha256(BODY).hexdigest(), **changes}
        big = {key: value for key, value in big.items() if value is not None}
        self.catalogue.write_text(json.dumps([
            {"name": "thing", "summary": "a thing", **(model or {}),
             "files": [{"url": self.server.url + "/small", "path": "small.json"}, big]}]))

    def fetch(self, *more, retries=2):
        return self.easel("fetch", "thing", "--catalogue", self.catalogue, "--retries", retries, *more)

    def assert_whole(self):
        self.assertEqual((self.models / "thing/parts/big.dat").read_bytes(), BODY)
        self.assertEqual((self.models / "thing/small.json").read_bytes(), SMALL)
        left = [str(p.relative_to(self.models)) for p in self.models.rglob("*") if p.is_file()]
        self.assertEqual(sorted(left), [".thing.lock", "thing/parts/big.dat", "thing/small.json"])

    def assert_nothing_looks_whole(self):
        self.assertFalse((self.models / "thing").exists())
        models = json.loads(self.done("models", "--json").out)["installed"]
        self.assertEqual([m["name"] for m in models if not m["shipped"]], [])

    def assert_refused(self, pattern, code=1):
        result = self.fetch()
        self.assertEqual(result.code, code, result.err)
        self.assertRegex(result.err.splitlines()[-1], pattern)
        self.assertTrue(result.err.splitlines()[-1].startswith("easel: "))
        self.assert_nothing_looks_whole()
        return result

    def wait_for_bytes(self, process, part, count):
        while not (part.exists() and part.stat().st_size == count):
            self.assertIsNone(process.poll(), "it ended early")
            os.sched_yield()

    def ranges(self):
        return [r for path, r, _ in self.server.requests_seen if path == "/big"]

    def test_a_model_is_downloaded_and_named_when_whole(self):
        result = self.fetch()
        self.assertEqual(result.code, 0, result.err)
        self.assert_whole()
        self.assertIn("thing is installed in", result.out)
        self.assertMatches(result.err, r"100 %.*big\.dat")
        again = self.fetch()
        self.assertEqual(again.code, 0)
        self.assertIn("installed already", again.out)
        self.assertEqual(len(self.server.requests_seen), 2)

    def test_a_dropped_connection_is_carried_on(self):
        self.server.break_after = 100_000
        result = self.fetch()
        self.assertEqual(result.code, 0, result.err)
        self.assert_whole()
        starts = [int(r.split("=")[1].rstrip("-")) if r else 0 for r in self.ranges()]
        self.assertEqual(starts[0], 0)
        self.assertEqual(len(starts), 4)  # 307 kB in pieces of at most 100 kB
        self.assertEqual(starts, sorted(set(starts)))
        self.assertIn("carrying on", result.err)

    def test_a_later_call_carries_on_too(self):
        self.server.break_after = 0
        self.assert_refused(r"broke off 2 times in a row without a byte more")
        self.server.break_after = 100_000
        hold = self.server.hold = threading.Event()
        process = self.start("fetch", "thing", "--catalogue", self.catalogue)
        part = self.models / ".thing.download/parts/big.dat.part"
        self.wait_for_bytes(process, part, 100_000)
        process.kill()  # as the power would
        process.communicate()
        hold.set()
        self.assert_nothing_looks_whole()
        self.server.break_after = self.server.hold = None
        self.server.requests_seen.clear()
        self.assertEqual(self.fetch().code, 0)
        self.assert_whole()
        self.assertEqual(self.server.requests_seen, [("/big", "bytes=100000-", '"one"')])

    def test_ctrl_c_keeps_what_came(self):
        self.server.break_after = 100_000
        hold = self.server.hold = threading.Event()
        process = self.start("fetch", "thing", "--catalogue", self.catalogue)
        part = self.models / ".thing.download/parts/big.dat.part"
        self.wait_for_bytes(process, part, 100_000)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        hold.set()
        self.assertEqual(process.returncode, 130, err)
        self.assertEqual(part.stat().st_size, 100_000)
        self.assert_nothing_looks_whole()

    def test_a_file_that_changed_meanwhile_starts_again(self):
        self.server.break_after = 100_000
        hold = self.server.hold = threading.Event()
        process = self.start("fetch", "thing", "--catalogue", self.catalogue)
        part = self.models / ".thing.download/parts/big.dat.part"
        self.wait_for_bytes(process, part, 100_000)
        process.kill()
        process.communicate()
        hold.set()
        part.write_bytes(b"x" * 100_000)  # what an older version would have had there
        self.server.break_after = self.server.hold = None
        self.server.etag = '"two"'
        self.assertEqual(self.fetch().code, 0)
        self.assert_whole()

    def test_a_server_without_ranges_starts_again(self):
        self.server.ranges = False
        self.server.break_after = 100_000
        result = self.fetch()
        self.assertEqual(result.code, 1)
        self.assert_nothing_looks_whole()
        self.server.break_after = None
        self.assertEqual(self.fetch().code, 0)
        self.assert_whole()

    def test_a_wrong_byte_is_refused_and_deleted(self):
        self.server.wrong_byte = True
        self.assert_refused(r"wrong bytes \(SHA-256 [0-9a-f]{64}, published [0-9a-f]{64}\): refused")
        self.assertEqual(list(self.models.rglob("big.dat*")), [])
        self.server.wrong_byte = False
        self.assertEqual(self.fetch().code, 0)
        self.assert_whole()

    def test_a_wrong_byte_before_a_break_is_found_as_well(self):
        self.server.wrong_byte = True
        self.server.break_after = 200_000
        self.assert_refused(r"wrong bytes")

    def test_lengths_that_lie_are_refused(self):
        for announced, pattern in [(len(BODY) - 7, r"has 307207 bytes, but the server announces 307200"),
                                   (len(BODY) + 7, r"but the server announces 307214"),
                                   (10 ** 15, r"but the server announces 1000000000000000")]:
            with self.subTest(announced):
                self.server.announce = announced
                self.assert_refused(pattern)

    def test_more_bytes_than_published_are_refused(self):
        self.server.extra = b"more"
        self.server.no_length = True
        self.assert_refused(r"sends more than the 307207 bytes")

    def test_an_early_end_without_a_length_is_not_the_end(self):
        self.server.no_length = True
        self.server.break_after = 100_000
        result = self.fetch()
        self.assertEqual(result.code, 0, result.err)
        self.assert_whole()

    def test_a_range_from_elsewhere_is_refused(self):
        self.server.break_after = 100_000
        self.server.range_lie = 5
        self.assert_refused(r"asked for '.*' from byte \d+, the server sends it from byte \d+")

    def test_an_encoding_nobody_asked_for_is_refused(self):
        self.server.encoding = "gzip"
        self.assert_refused(r"'gzip' encoding")

    def test_answers_that_are_no_file(self):
        for status, pattern in [(404, r"answers 404"), (403, r"answers 403"), (500, r"answers 500"),
                                (429, r"answers 429")]:
            with self.subTest(status):
                self.server.status = status
                self.assert_refused(pattern)

    def test_a_busy_server_is_asked_again(self):
        self.server.statuses = [503]
        result = self.fetch()
        self.assertEqual(result.code, 0, result.err)
        self.assert_whole()

    def test_redirects_to_http_are_refused(self):
        other = Server()
        self.addCleanup(other.server_close)
        self.addCleanup(other.shutdown)
        self.server.redirect = other.url
        self.assert_refused(r"http")
        self.assertEqual(other.requests_seen, [])

    def test_a_server_that_is_not_there(self):
        self.server.shutdown()
        self.server.server_close()
        self.assert_refused(r"broke off 2 times")

    def test_a_small_file_that_grows_without_end_is_refused(self):
        self.server.files["/small"] = b"x" * 100_000
        self.assert_refused(r"'small\.json' is announced with 100000 bytes, more than the 65536")

    def test_a_checksum_that_only_the_server_says_is_held_against_it(self):
        self.write_catalogue(path="big.safetensors", bytes=None, sha256=None, max_bytes=1_000_000,
                             model={"kind": "autoencoder"})
        self.server.linked = f'"{hashlib.sha256(b"other").hexdigest()}"'
        self.assert_refused(r"wrong bytes \(SHA-256 [0-9a-f]{64}, by the server's word [0-9a-f]{64}\)")
        tensor = b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
        self.server.files["/big"] = len(tensor).to_bytes(8, "little") + tensor + bytes(4)
        self.server.linked = f'"{hashlib.sha256(self.server.files["/big"]).hexdigest()}"'
        result = self.fetch()
        self.assertEqual(result.code, 0, result.err)
        self.assertIn("(as the server says too)", result.err)
        self.assertIn("use it: --vae", result.out)

    def test_a_licence_is_accepted_before_a_byte_is_fetched(self):
        self.write_catalogue(model={"licence": {"name": "Careful 1.0", "url": "https://a.b/c", "gist": "Be kind."}})
        self.assert_refused(r"the licence of 'thing' \(Careful 1.0\) must be accepted before anything is fetched: "
                            r"--accept-licence does", code=2)
        self.assertEqual(self.server.requests_seen, [])
        result = self.fetch("--accept-licence")
        self.assertEqual(result.code, 0, result.err)
        self.assertIn("'thing' has the licence Careful 1.0: Be kind. Its text: https://a.b/c", result.err)
        self.assert_whole()

    def test_a_licence_is_accepted_by_a_typed_yes(self):
        self.write_catalogue(model={"licence": {"name": "Careful 1.0", "url": "https://a.b/c", "gist": "Be kind."}})
        for answer, code in (("no", 2), ("", 2), ("yes", 0)):
            mine, theirs = os.openpty()
            process = subprocess.Popen([EASEL, "fetch", "thing", "--catalogue", self.catalogue, "--quiet"],
                                       cwd=self.work, env=self.environment, stdin=theirs, stderr=theirs,
                                       stdout=subprocess.DEVNULL)
            os.close(theirs)
            os.write(mine, answer.encode() + b"\n")
            self.assertEqual(process.wait(60), code, answer)
            os.close(mine)
            self.assertEqual(bool(self.server.requests_seen), answer == "yes")
        self.assert_whole()

    def test_every_stable_diffusion_model_is_known_and_its_licence_asked_for(self):
        names = ["sd-1.4", "sd-1.5", "sd-1.5-inpainting", "sd-2.1", "sd-2.1-768", "sd-turbo", "sdxl-base",
                 "sdxl-turbo", "lcm-dreamshaper-7", "lcm-lora-sdv1-5"]
        shown = self.done("fetch", "--help").out
        for name in names:
            self.assertIn(f"  {name} ", shown)
            result = self.easel("fetch", name, "--base-url", self.server.url)
            self.assertEqual(result.code, 2, result.err)
            self.assertIn("must be accepted before anything is fetched", result.err)
        self.assertEqual(self.server.requests_seen, [])
        self.assertEqual(self.easel("fetch", "sd-1.5", "--base-url", self.server.url, "--accept-licence").code, 1)
        self.assertEqual([path for path, _, _ in self.server.requests_seen],
                         ["/stable-diffusion-v1-5/stable-diffusion-v1-5/resolve/main/v1-5-pruned-emaonly.safetensors"])

    def test_a_lora_goes_where_prompts_find_it(self):
        self.write_catalogue(path="thing.safetensors", bytes=None, sha256=None, max_bytes=1_000_000,
                             model={"kind": "lora"})
        tensor = b'{"a.lora_up.weight":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
        self.server.files["/big"] = len(tensor).to_bytes(8, "little") + tensor + bytes(4)
        result = self.fetch()
        self.assertEqual(result.code, 0, result.err)
        self.assertIn("use it: --lora thing", result.out)
        self.assertTrue((self.folder / "data/easel/loras/thing/thing.safetensors").exists())

    def test_a_file_of_unknown_checksum_is_checked_by_its_length(self):
        self.write_catalogue(bytes=None, sha256=None, max_bytes=1_000_000)
        self.server.break_after = 100_000
        result = self.fetch()
        self.assertEqual(result.code, 0, result.err)
        self.assert_whole()

    def test_free_space_is_looked_at_first(self):
        self.write_catalogue(bytes=10 ** 16)
        result = self.assert_refused(r"10\.0 PB more must be downloaded, .* has .* free")
        self.assertEqual(self.server.requests_seen, [])
        self.assertEqual(len(result.err.splitlines()), 1)

    def test_two_at_once_do_not_mix(self):
        self.server.break_after = 100_000
        hold = self.server.hold = threading.Event()
        process = self.start("fetch", "thing", "--catalogue", self.catalogue)
        part = self.models / ".thing.download/parts/big.dat.part"
        self.wait_for_bytes(process, part, 100_000)
        self.assert_refused(r"another 'easel fetch' is downloading this model", code=2)
        self.server.break_after = self.server.hold = None
        hold.set()
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)
        self.assert_whole()

    def on_hugging_face(self):
        """The catalogue's files, the first of them as Hugging Face's."""
        catalogue = json.loads(self.catalogue.read_text())
        catalogue[0]["files"][0]["url"] = "https://huggingface.co/small"
        self.catalogue.write_text(json.dumps(catalogue))

    def test_hugging_faces_variables_name_a_mirror_and_a_token_for_it_alone(self):
        self.on_hugging_face()
        mirror = Server()
        self.addCleanup(mirror.server_close)
        self.addCleanup(mirror.shutdown)
        self.environment.update(HF_ENDPOINT=mirror.url + "/", HF_TOKEN="hf_secret\n")
        self.assertEqual(self.fetch().code, 0)
        self.assert_whole()
        self.assertEqual([path for path, _, _ in mirror.requests_seen], ["/small"])
        self.assertEqual(mirror.tokens_seen, ["Bearer hf_secret"])
        self.assertEqual(self.server.tokens_seen, [None])  # another host's file: without the token

    def test_a_closed_file_says_that_a_token_is_wanted_and_shows_none(self):
        self.on_hugging_face()
        self.server.status = 401
        self.environment["HF_ENDPOINT"] = self.server.url
        self.assert_refused("answers 401 .*a token in HF_TOKEN may be wanted")
        self.environment["HF_TOKEN"] = "hf_secret"
        result = self.assert_refused("answers 401 .*does not take the token in HF_TOKEN")
        self.assertNotIn("hf_secret", result.err + result.out)

    def test_variables_that_cannot_be_meant_are_refused(self):
        for name, value in (("HF_ENDPOINT", "mirror.example.org"), ("HF_ENDPOINT", "file:///etc"), ("HF_TOKEN", "a\nX-Evil: 1")):
            self.environment[name] = value
            self.assert_refused(name, code=2)
            del self.environment[name]

    def test_a_catalogue_cannot_leave_its_folder(self):
        for path in ("../x", "/etc/x", "a/../../x", ""):
            with self.subTest(path):
                self.write_catalogue(path=path)
                self.assert_refused(r"leaves its folder")

    def test_a_folder_that_cannot_be_made(self):
        (self.folder / "data").write_text("a file")
        result = self.fetch()
        self.assertEqual(result.code, 1)
        self.assertRegex(result.err, r"cannot be made")


class BuiltIn(CliTest):
    """The catalogue that is compiled in, at another server."""

    def setUp(self):
        super().setUp()
        self.server = Server()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def test_the_vocabulary_is_the_published_one(self):
        vocabulary = self.larger_fixture("tokenizer/bert-base-uncased-vocab.txt").read_bytes()
        checkpoint = self.larger_fixture("ldm-tiny/model.ckpt")
        path = ("/CompVis/ldm-text2im-large-256/resolve/30de525ca11a880baea4962827fb6cb0bb268955/"
                "tokenizer/vocab.txt")
        self.server.files[path] = vocabulary
        self.done("fetch", "bert-base-uncased", "--base-url", self.server.url)
        installed = self.folder / "data/easel/models/bert-base-uncased/vocab.txt"
        self.assertEqual(installed.read_bytes(), vocabulary)
        # … and the original's checkpoint draws with it.
        self.done("draw", "a cat", "--steps", 1, "-m", checkpoint, "-o", "a.png")

    def test_the_large_models_files_are_asked_for_by_their_published_names(self):
        result = self.easel("fetch", "ldm-text2img-large", "--base-url", self.server.url)
        self.assertEqual(result.code, 1)
        self.assertEqual(self.server.requests_seen[0][0].split("/")[-1], "model_index.json")
        self.assertIn("answers 404", result.err)

    def test_unknown_names_are_refused(self):
        self.refused(2, r"did you mean 'bert-base-uncased'\?", "fetch", "bert-base-uncase")
        self.refused(2, r"ldm-text2img-large, bert-base-uncased", "fetch", "nothing-like-it")
        self.refused(2, r"leave --original out", "fetch", "bert-base-uncased", "--original")

    def test_a_checkpoint_that_is_none_is_refused_after_all(self):
        vocabulary = self.fixture("tokenizer/bert-base-uncased-vocab.txt").read_bytes()
        catalogue = self.folder / "catalogue.json"
        self.server.files["/model.ckpt"] = self.fixture("esrgan-mini/esrgan_x4.pth").read_bytes()
        self.server.files["/vocab.txt"] = vocabulary
        catalogue.write_text(json.dumps([{
            "name": "wrong", "files": [
                {"url": self.server.url + "/vocab.txt", "path": "vocab.txt", "max_bytes": 10 ** 6},
                {"url": self.server.url + "/model.ckpt", "path": "model.ckpt", "max_bytes": 10 ** 7}]}]))
        result = self.easel("fetch", "wrong", "--catalogue", catalogue)
        self.assertEqual(result.code, 1)
        self.assertIn("ESRGAN", result.err)
        self.assertFalse((self.folder / "data/easel/models/wrong").exists())

    def test_a_hugging_face_folder_is_fetched_and_draws(self):
        root = self.fixture("ldm-mini-hf")
        files = []
        for path in sorted(p for p in root.rglob("*") if p.is_file() and "variant" not in p.name):
            name = str(path.relative_to(root))
            data = path.read_bytes()
            self.server.files["/" + name] = data
            files.append({"url": f"{self.server.url}/{name}", "path": name, "bytes": len(data),
                          "sha256": hashlib.sha256(data).hexdigest()})
        catalogue = self.folder / "catalogue.json"
        catalogue.write_text(json.dumps([{"name": "tiny", "files": files}]))
        result = self.done("fetch", "tiny", "--catalogue", catalogue)
        self.assertIn("-m tiny", result.out)
        self.done("draw", "a cat", "--steps", 1, "-m", "tiny", "-o", "a.png")


if __name__ == "__main__":
    unittest.main()
