import glob
import os
import shutil
import subprocess
import tempfile
import time

from run import EASEL, run, verdict

FIXTURE = sorted(glob.glob(os.path.join(os.environ["FIXTURES"], "ldm-*-hf")))[0]
folder = os.path.join(tempfile.mkdtemp(), "evil")
shutil.copytree(FIXTURE, folder)
for shape in ("[" * 500000 + "]" * 500000, '{"a":' * 150000 + "1" + "}" * 150000):
    with open(folder + "/unet/config.json", "w") as file:
        file.write('{"act_fn":' + shape + "}")
    for command in (["inspect", folder], ["draw", "x", "-m", folder, "--steps", "1", "-o", folder + "/x.png"]):
        code, seconds, megabytes, text = run(command)
        if code < 0 or seconds > 10:
            verdict(False, command[0], "exit", code, "after %.1f s" % seconds)
        if command[0] == "draw" and code == 0:
            verdict(False, "it drew with a model whose activation is a list")
home = tempfile.mkdtemp()
os.makedirs(home + "/easel/models")
shutil.copytree(folder, home + "/easel/models/evil")
server = subprocess.Popen([EASEL, "serve", "--port", "0", "--data", home + "/data"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=dict(os.environ, HOME=home, XDG_DATA_HOME=home))
time.sleep(5)
ended = server.poll()
server.kill()
verdict(ended is None, "serve", "is up" if ended is None else "ended with %d" % ended)
