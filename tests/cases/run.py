#!/usr/bin/python3
"""Runs the cases: files and requests that people's programs really send, each with its right value.

  tests/cases/run.py EASEL [--cases FOLDER] [NAME...]

A folder of cases has a folder for each; what is tried in it is, the first that fits:
  check.sh, check.py   a script that is given $EASEL; exit code 0: right, 77: cannot be tried here
  expect.json          steps and what must come of them (below); one of the same name in data/ beside
                       this file serves for a folder that has none
  *.pth, in.png and    `easel upscale in.png -m *.pth` gives expected.png within 1
  expected.png
Last line: "cases: N passed, N failed, N skipped".

expect.json is a list of steps, run one after another in a copy of the folder:
  {"make": "x.py"}               runs a script that writes what is too large to be kept
  {"easel": ["inspect", "a"]}    with "exit" (0), "out", "err", "says" (patterns; "says": in either),
                                 "not" (patterns in neither), "files": {"out/*.png": 2}, "picture",
                                 "stdin": FILE, "stdout": FILE that gets it
  {"serve": ["--allow-host …"], "ask": [{"ask": "POST /path", "body": FILE or value, "headers",
                                 "status": 200, "is": "list", "json": {"data.0.url": PATTERN}}]}
A picture: {"file", "size": [w, h], "like": FILE and "within", "pixels": [[x, y, [r, g, b]], …] and
"within", "over": [r, g, b] (laid over that colour it differs nowhere) and "within"}.
"""
import argparse
import base64
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import traceback

HERE = pathlib.Path(__file__).resolve().parent
TIMEOUT_S = 400
sys.path.insert(0, str(HERE / "support"))


class Wrong(Exception):
    pass


class Skipped(Exception):
    pass


def need(right, *told):
    if not right:
        raise Wrong(" ".join(map(str, told)))


def samples_of(picture):
    from PIL import Image
    return Image.open(picture)


def check_picture(folder, wanted):
    import numpy
    picture = samples_of(folder / wanted["file"])
    within = wanted.get("within", 0)
    if "size" in wanted:
        need(list(picture.size) == wanted["size"], wanted["file"], "is", picture.size)
    if "like" in wanted:
        like = samples_of(folder / wanted["like"])
        need(picture.size == like.size, "sizes", picture.size, like.size)
        difference = numpy.abs(numpy.asarray(picture.convert(like.mode), int) - numpy.asarray(like, int))
        need(difference.max() <= within, "it differs by", difference.max())
    for x, y, colour in wanted.get("pixels", []):
        seen = picture.convert("RGB").getpixel((x, y))
        need(max(abs(a - b) for a, b in zip(seen, colour)) <= within, (x, y), "is", seen)
    if "over" in wanted:
        rgba = numpy.asarray(picture.convert("RGBA"), float)
        ground = numpy.array(wanted["over"], float)
        alpha = rgba[:, :, 3:] / 255
        off = numpy.abs(rgba[:, :, :3] * alpha + ground * (1 - alpha) - ground).max()
        need(off <= within, "laid over its colour it is %.1f away" % off)


def environment(home):
    return {**os.environ, "HOME": home, "XDG_DATA_HOME": home, "XDG_CONFIG_HOME": home,
            "LC_ALL": "C.UTF-8"}


def run_step(step, folder, easel):
    home = tempfile.mkdtemp(dir=folder.parent)
    with open(folder / step["stdin"] if "stdin" in step else os.devnull, "rb") as given:
        done = subprocess.run([easel, *step["easel"]], cwd=folder, env=environment(home), stdin=given,
                              capture_output=True, timeout=TIMEOUT_S)
    if "stdout" in step:
        (folder / step["stdout"]).write_bytes(done.stdout)
    out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    need(done.returncode == step.get("exit", 0), "exit code", done.returncode, out[-300:], err[-300:])
    for texts, patterns in (([out], "out"), ([err], "err"), ([out + err], "says")):
        for pattern in step.get(patterns, []):
            need(re.search(pattern, texts[0]), "no", pattern, "in", texts[0][-500:])
    for pattern in step.get("not", []):
        need(not re.search(pattern, out + err), pattern, "is in", (out + err)[-500:])
    for pattern, count in step.get("files", {}).items():
        found = len(list(folder.glob(pattern)))
        need(found == count, found, "files are", pattern)
    if "picture" in step:
        check_picture(folder, step["picture"])


def value_at(value, path):
    for key in filter(None, path.split(".")):
        value = value[int(key) if isinstance(value, list) else key]
        if key == "info":  # a text of JSON, in that API
            value = json.loads(value)
    return value


def check_value(path, value, wanted):
    if wanted == "PICTURE":
        samples_of(io.BytesIO(base64.b64decode(value))).load()
    else:
        need(re.search(wanted, value if isinstance(value, str) else json.dumps(value)),
             path, "is", str(value)[:200])


def check_answer(ask, status, body):
    need(status == ask.get("status", 200), ask["ask"], "was answered with", status, body[:300])
    kinds = {"list": list, "object": dict}
    if "is" in ask:
        need(isinstance(json.loads(body), kinds[ask["is"]]), ask["ask"], "is", body[:200])
    for path, wanted in ask.get("json", {}).items():
        check_value(path, value_at(json.loads(body), path), wanted)


def serve_step(step, folder, easel):
    os.environ["EASEL"] = easel
    import srv
    server = srv.Server(args=step["serve"])
    try:
        need(server.port, "the server did not start")
        for ask in step["ask"]:
            method, path = ask["ask"].split(" ", 1)
            body = ask.get("body")
            if isinstance(body, str):
                body = json.loads((folder / body).read_text())
            check_answer(ask, *server.ask(method, path, body, ask.get("headers")))
    finally:
        server.kill()


def run_steps(steps, folder, easel):
    with tempfile.TemporaryDirectory() as temporary:
        work = pathlib.Path(temporary) / "case"
        shutil.copytree(folder, work)
        for step in steps:
            if "make" in step:
                subprocess.run(["/usr/bin/python3", HERE / "support" / step["make"]], cwd=work,
                               check=True, timeout=TIMEOUT_S)
            elif "serve" in step:
                serve_step(step, work, easel)
            else:
                run_step(step, work, easel)


def run_script(folder, easel):
    shared, own = HERE.parent.parent.parent / "shared/fixtures", HERE.parent / "data/fixtures"
    fixtures = os.environ.get("EASEL_FIXTURES") or str(shared if shared.exists() else own)
    paths = {**os.environ, "EASEL": easel, "PYTHONDONTWRITEBYTECODE": "1",
             "PYTHONPATH": str(HERE / "support"),
             "FIXTURES": os.environ.get("FIXTURES", fixtures)}
    script = folder / "check.sh"
    command = ["sh", script] if script.exists() else ["/usr/bin/python3", folder / "check.py"]
    done = subprocess.run(command, cwd=folder, env=paths, capture_output=True, timeout=TIMEOUT_S)
    told = (done.stdout + done.stderr).decode(errors="replace").strip()[-600:]
    if done.returncode == 77:
        raise Skipped(told)
    need(done.returncode == 0, told)


def run_case(folder, easel):
    if (folder / "check.sh").exists() or (folder / "check.py").exists():
        return run_script(folder, easel)
    for expected in (folder / "expect.json", HERE / "data" / folder.name / "expect.json"):
        if expected.exists():
            return run_steps(json.loads(expected.read_text()), folder, easel)
    models = list(folder.glob("*.pth"))
    if len(models) == 1 and (folder / "in.png").exists() and (folder / "expected.png").exists():
        return run_steps([{"easel": ["upscale", "in.png", "-m", models[0].name, "-o", "out.png"],
                           "picture": {"file": "out.png", "like": "expected.png", "within": 1}}],
                         folder, easel)
    raise Skipped("nothing here says what is right in a form that is known")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("easel")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--cases", default=os.environ.get("EASEL_CASES", HERE / "data"))
    options = parser.parse_args()
    easel = str(pathlib.Path(options.easel).resolve())
    passed = failed = skipped = 0
    for folder in sorted(pathlib.Path(options.cases).resolve().iterdir()):
        if not folder.is_dir() or (options.names and folder.name not in options.names):
            continue
        try:
            run_case(folder, easel)
            passed += 1
            print(f"{folder.name}: right", flush=True)
        except Skipped as why:
            skipped += 1
            print(f"skipped: {folder.name}: {why}", flush=True)
        except Exception as error:
            failed += 1
            told = str(error) if isinstance(error, Wrong) else traceback.format_exc(limit=-3)
            print(f"{folder.name}: WRONG: {told}", flush=True)
    print(f"cases: {passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or passed + skipped == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
