"""--pin: each thread on a core of its own, within what the process may use."""
import os
import re
import unittest

from support import PROMPT, CliTest

ALLOWED = sorted(os.sched_getaffinity(0))


class Pin(CliTest):
    def cores_of_threads(self, *arguments, **options):
        """Of each thread of a running command, once it draws: the cores that it may run on."""
        process = self.start("draw", PROMPT, "--steps", 1000, "-W", 128, "-H", 128, *arguments, **options)
        process.stderr.readline()  # the first step is done
        folder = f"/proc/{process.pid}/task"
        cores = []
        for thread in os.listdir(folder):
            with open(f"{folder}/{thread}/status") as status:
                cores.append(re.search(r"Cpus_allowed_list:\s*(\S+)", status.read())[1])
        self.end(process)
        return sorted(cores)

    def test_each_thread_has_its_core(self):
        threads = min(len(ALLOWED), 2)
        self.assertEqual(self.cores_of_threads("-t", threads, "--pin"), [str(c) for c in ALLOWED[:threads]])

    def test_without_it_threads_go_where_they_may(self):
        if len(ALLOWED) < 2:
            self.skipTest("one core: there is nowhere else to go")
        self.assertNotIn(str(ALLOWED[0]), self.cores_of_threads("-t", 2))

    def test_it_keeps_to_what_the_process_may_use(self):
        last = ALLOWED[-1]
        cores = self.cores_of_threads("--pin", preexec_fn=lambda: os.sched_setaffinity(0, {last}))
        self.assertEqual(cores, [str(last)])

    def test_more_threads_than_cores_are_refused_in_one_line(self):
        self.refused(2, "--pin gives each thread a core of its own, and 1000 threads", "draw", PROMPT, "-t", 1000, "--pin")
        self.refused(2, "2 threads were asked for where 1 core may be used", "draw", PROMPT, "-t", 2, "--pin",
                     preexec_fn=lambda: os.sched_setaffinity(0, {ALLOWED[0]}))

    def test_the_picture_is_the_same(self):
        self.done("draw", PROMPT, "--steps", 3, "--seed", 1, "-o", "free.png")
        self.done("draw", PROMPT, "--steps", 3, "--seed", 1, "--pin", "-o", "kept.png")
        self.assertEqual(self.bytes_of("free.png"), self.bytes_of("kept.png"))

    def test_commands_with_threads_have_it(self):
        for command in (("draw",), ("upscale",), ("serve",), ("bench",), ("gallery", "draw")):
            self.assertIn("--pin", self.done(*command, "--help").out)


if __name__ == "__main__":
    unittest.main()
