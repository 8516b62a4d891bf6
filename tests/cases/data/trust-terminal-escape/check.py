import os
import re
import tempfile

from run import run, verdict

MODEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../../models/default")
for evil in (r'"\e]0;pwned\a\e[2J\e[31mgone"', r'"a\x9b31mb"', r'"a\x7f\b\b\bc"'):
    folder = tempfile.mkdtemp()
    for name in os.listdir(MODEL):
        if name != "config.yaml":
            os.symlink(os.path.realpath(os.path.join(MODEL, name)), os.path.join(folder, name))
    config = open(MODEL + "/config.yaml").read()
    with open(folder + "/config.yaml", "w") as file:
        file.write(config.replace("target:", "target: " + evil + " #", 1))
    for command in (["inspect", folder], ["inspect", "--json", folder], ["draw", "x", "-m", folder, "-o", folder + "/x.png"]):
        code, _, _, text = run(command)
        if code < 0 or re.search(rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]", text):
            verdict(False, command[0], repr(text)[-200:])
verdict(True, "nothing raw came through")
