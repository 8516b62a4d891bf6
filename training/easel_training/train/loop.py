"""The loop that all trainings share: time box, exact resume, moving average, log and plot.

Exact resume.  Everything random in a step comes from `Stage.generators(step)`, a function of (seed, step).  What
depends on the clock or on files that appear meanwhile (learning rate, number of data shards) is decided only at
checkpoints and stored in them.  A run that was killed therefore repeats the steps since its last checkpoint exactly.
"""
import contextlib
import copy
import json
import math
import os
import signal
import time

import numpy as np
import torch

from . import checkpoint, optimizer, precision
from .plot import plot_losses

PAUSE = 20.0  # a step that takes this many seconds and 20 times the usual was stopped from outside (SIGSTOP, suspend)


class Clock:
    """Seconds of training, without the time in which the process was stopped."""

    def __init__(self, spent):
        self.spent, self.usual, self.last = spent, None, time.monotonic()

    def tick(self):
        """Counts the step that just ended."""
        now = time.monotonic()
        took, self.last = now - self.last, now
        if self.usual is not None and took > max(PAUSE, 20 * self.usual):
            took = self.usual
        self.usual = took if self.usual is None else 0.9 * self.usual + 0.1 * took
        self.spent += took

    def skip(self):
        """Leaves out what happened since the last tick (evaluation, saving)."""
        self.last = time.monotonic()


class Stage:
    """One training.  Subclasses set `name`, `settings`, `networks` and implement `step`.

    networks: {name: module}; all their parameters are trained by one optimizer and averaged by one EMA.
    """

    name = ""
    extra_columns = ()

    def __init__(self, config, section, device, networks, settings):
        self.config, self.section, self.device, self.settings = config, section, device, settings
        self.networks = {key: network.to(device) for key, network in networks.items()}
        self.averages = {key: copy.deepcopy(network).requires_grad_(False) for key, network in self.networks.items()}
        self.parameters = [p for network in self.networks.values() for p in network.parameters()]
        self.optimizer = optimizer.make(self.parameters, section)
        self.precision = section.get("precision", "float32")  # of `auto`, what precision.settle found

    def generators(self, step):
        """(NumPy, torch) generators of one step; the torch one lives on the CPU so that devices agree."""
        numbers = np.random.default_rng([self.config["seed"], step])
        return numbers, torch.Generator().manual_seed(int(numbers.integers(2 ** 62)))

    def autocast(self):
        """Mixed precision as the size's YAML asks: bfloat16, float16, float32, or the faster one."""
        if self.precision == "float32":
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, getattr(torch, self.precision))

    def compiled(self, network):
        """The network through torch.compile where the YAML asks for it and this PyTorch has it."""
        wanted = self.section.get("compile") and self.device.type == "cuda" and hasattr(torch, "compile")
        return torch.compile(network) if wanted else network

    def decide(self, progress):
        """Decisions for the steps until the next checkpoint, as plain values; stored in the checkpoint."""
        return {"learning_rate": self.section["learning_rate"] * schedule(progress)}

    def adopt(self, decisions):
        """Puts decisions into force."""
        for group in self.optimizer.param_groups:
            group["lr"] = decisions["learning_rate"]

    def step(self, step):
        """The loss of one step (a scalar tensor) and numbers to log."""
        raise NotImplementedError

    def measure(self):
        """Numbers to log at checkpoints, measured on held-back data with the averaged weights."""
        return {}

    def after_step(self, step):
        """What follows the optimizer's step."""

    def more_state(self):
        """Further state for the checkpoint."""
        return {}

    def load_more_state(self, state):
        """Takes back what more_state returned."""


def schedule(progress):
    """Learning rate factor: full for the first third, then a cosine down to 2 %."""
    if progress < 1 / 3:
        return 1.0
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, (progress - 1 / 3) * 1.5)))


def progress(stage, step, spent, total_minutes):
    """How much of the plan is done: of the section's `steps`, which sittings of any speed share, or else of its minutes."""
    steps = stage.section.get("steps")
    return step / steps if steps else spent / (60 * total_minutes)


def run(stage, folder, minutes, total_minutes, log=print, max_steps=None):
    """Trains for `minutes` more, or to the end of the plan (the section's `steps`, or `total_minutes`); at most to `max_steps`."""
    return Sitting(stage, folder, total_minutes, log).train(minutes, max_steps)


class Sitting:
    """One sitting of a training: from its last checkpoint to its deadline, its last step, or a signal to stop."""

    def __init__(self, stage, folder, total_minutes, log):
        self.stage, self.total_minutes, self.log = stage, total_minutes, log
        self.path, self.plot = (os.path.join(folder, stage.name + ending) for ending in (".pt", ".png"))
        self.step, self.clock, self.decisions, self.precision = 0, Clock(0.0), None, None
        self.smooth, self.asked_to_stop = {}, False
        state = checkpoint.load(self.path, stage.name, stage.settings)
        if state:
            self._resume(state)
        self.journal = Journal(os.path.join(folder, f"{stage.name}.jsonl"), self.step)

    def _resume(self, state):
        stage = self.stage
        for key, network in stage.networks.items():
            network.load_state_dict(state["networks"][key])
            stage.averages[key].load_state_dict(state["averages"][key])
        if state["optimizer"] is not None:  # a run restored from exported weights has none
            stage.optimizer.load_state_dict(state["optimizer"])
        stage.load_more_state(state["more"])
        self.step, self.decisions, self.clock = state["step"], state["decisions"], Clock(state["spent"])
        self.precision = state.get("precision")
        self.log(f"{stage.name}: resumed at step {self.step} after {self.clock.spent / 60:.1f} minutes")

    def train(self, minutes, max_steps):
        """Trains and returns the step that it came to. SIGINT and SIGTERM end it after a step, saved."""
        stage, steps = self.stage, self.stage.section.get("steps")
        deadline = (math.inf if steps else 60 * self.total_minutes) if minutes is None else self.clock.spent + 60 * minutes
        last = min(steps or math.inf, math.inf if max_steps is None else max_steps)
        with self._stopping_at_signals():
            if self.decisions is None:
                self.decisions = stage.decide(0.0)
            stage.adopt(self.decisions)
            self.precision = precision.settle(stage, self.precision, self.log)
            while self.clock.spent < deadline and not self.asked_to_stop and self.step < last:
                self._train_step()
            self._save()
            plot_losses(self.journal.rows, self.plot, stage.name)
        end = "stopped" if self.asked_to_stop else "done"
        self.log(f"{stage.name}: {end} at step {self.step}, {self.clock.spent / 60:.1f} minutes in all")
        return self.step

    @contextlib.contextmanager
    def _stopping_at_signals(self):
        def stop(number, frame):
            self.asked_to_stop = True

        previous = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _train_step(self):
        stage, warmup = self.stage, self.stage.section.get("warmup_steps", 100)
        if self.clock.usual is None:
            self.clock.skip()
        loss, numbers = stage.step(self.step)
        stage.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(stage.parameters, stage.section.get("clip", 1.0))
        for group in stage.optimizer.param_groups:
            group["lr"] = self.decisions["learning_rate"] * group.get("rate", 1.0) * min(1.0, (self.step + 1) / warmup)
        stage.optimizer.step()
        stage.after_step(self.step)
        self.step += 1
        _average(stage, self.step)
        self.clock.tick()
        self._note({"loss": loss, **numbers})
        if self.step % stage.section["checkpoint_steps"] == 0:
            self._reach_checkpoint()

    def _note(self, numbers):
        smooth = self.smooth
        for key, value in numbers.items():
            value = float(value)
            smooth[key] = value if key not in smooth else 0.97 * smooth[key] + 0.03 * value
        if self.step % 50 == 0:
            self._add_to_journal({"lr": self.decisions["learning_rate"], **smooth})
            shown = "  ".join(f"{k} {v:.4f}" for k, v in smooth.items())
            self.log(f"{self.stage.name}: step {self.step}  {self.clock.spent / 60:.1f} min  {shown}")

    def _reach_checkpoint(self):
        stage = self.stage
        self.decisions = stage.decide(progress(stage, self.step, self.clock.spent, self.total_minutes))
        stage.adopt(self.decisions)
        self._save()
        measured = stage.measure()
        if measured:
            self._add_to_journal(measured)
            self.log(f"{stage.name}: step {self.step}  " + "  ".join(f"{k} {v:.3f}" for k, v in measured.items()))
        plot_losses(self.journal.rows, self.plot, stage.name)
        self.clock.skip()

    def _add_to_journal(self, numbers):
        self.journal.add({"step": self.step, "minutes": round(self.clock.spent / 60, 3), **numbers})

    def _save(self):
        stage = self.stage
        checkpoint.save(self.path, stage.name, stage.settings, {
            "networks": {k: n.state_dict() for k, n in stage.networks.items()},
            "averages": {k: n.state_dict() for k, n in stage.averages.items()},
            "optimizer": stage.optimizer.state_dict(), "more": stage.more_state(), "step": self.step,
            "spent": self.clock.spent, "decisions": self.decisions, "precision": self.precision})


def _average(stage, step):
    """Exponential moving average of the weights; young averages forget faster."""
    decay = min(stage.section.get("ema", 0.999), (step + 1) / (step + 10))
    with torch.no_grad():
        averages = [p for network in stage.averages.values() for p in network.parameters()]
        torch._foreach_mul_(averages, decay)
        torch._foreach_add_(averages, [p.detach() for p in stage.parameters], alpha=1 - decay)


class Journal:
    """The log as JSON lines.  Lines after the checkpoint that a run resumes from are dropped: they will come again."""

    def __init__(self, path, step):
        self.path, self.rows = path, []
        if os.path.exists(path):
            with open(path, encoding="utf-8") as lines:
                for line in lines:
                    with contextlib.suppress(ValueError):  # a last line cut short by a kill
                        self.rows.append(json.loads(line))
        self.rows = [row for row in self.rows if row["step"] <= step]
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in self.rows)

    def add(self, row):
        self.rows.append(row)
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
