"""A model's own settings, from its config.yaml: used where the person says nothing, and nowhere else."""
import json
import shutil
import unittest

from support import PROMPT, ROOT, CliTest


class ModelDefaults(CliTest):
    def model(self, section):
        """A copy of the shipped model with this text on top of its configuration."""
        folder = self.folder / "model"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(ROOT / "models/default", folder)
        config = folder / "config.yaml"
        lines = config.read_text().splitlines(keepends=True)
        start = next(i for i, line in enumerate(lines) if line.startswith("model:"))
        config.write_text(section + "".join(lines[start:]))
        return folder

    def settings(self, *arguments):
        result = self.done("draw", PROMPT, "--seed", 1, "--force", "-o", "a.png", *arguments)
        command = result.command()
        return tuple(command[command.index(name) + 1] for name in ("--steps", "--sampler", "--scale"))

    def test_they_are_used_where_nothing_is_said(self):
        model = self.model("easel: {defaults: {scale: 3.0, steps: 2, sampler: euler}}\n")
        self.assertEqual(self.settings("-m", model), ("2", "euler", "3"))
        self.assertEqual(self.settings("-m", model, "--scale", 4), ("2", "euler", "4"))
        self.assertEqual(self.settings("-m", model, "--steps", 1, "--sampler", "ddim"), ("1", "ddim", "3"))

    def test_the_help_of_draw_says_those_of_the_model_that_draws_by_itself(self):
        steps, sampler, scale = self.settings()
        self.assertIn(f"{steps} steps of {sampler}, guidance {scale}.", self.done("draw", "--help").out)

    def test_each_may_be_left_out(self):
        self.assertEqual(self.settings("-m", self.model("")), ("25", "dpmpp-2m", "7.5"))
        self.assertEqual(self.settings("-m", self.model("easel: {defaults: {steps: 3}}\n")), ("3", "dpmpp-2m", "7.5"))

    def test_the_picture_is_the_one_that_the_flags_give(self):
        model = self.model("easel: {defaults: {scale: 3.0, steps: 2, sampler: Euler a}}\n")
        self.done("draw", PROMPT, "--seed", 1, "-o", "silent.png", "-m", model)
        self.done("draw", PROMPT, "--seed", 1, "-o", "said.png", "-m", self.model(""),
                  "--scale", 3, "--steps", 2, "--sampler", "euler-a")
        self.assertEqual(self.bytes_of("silent.png"), self.bytes_of("said.png"))

    def test_a_bad_value_is_one_line_that_names_the_file(self):
        for section, wrong in (("{scale: 101}", "scale .*is 101, wanted 0 to 100"), ("{scale: -1}", "scale"),
                               ("{scale: .nan}", "scale"), ("{steps: 0}", "steps .*is 0, wanted 1 to 1000"),
                               ("{steps: 1001}", "steps"), ("{steps: 2.5}", "steps"), ("{sampler: magic}", "sampler .*did you mean"),
                               ("{sampler: [a]}", "sampler"), ("7", "defaults .*wanted a map")):
            model = self.model("easel: {defaults: %s}\n" % section)
            result = self.refused(1, wrong, "draw", PROMPT, "-m", model)
            self.assertIn(f"{model}/config.yaml", result.err)

    def test_txt2img_keeps_the_originals(self):
        model = self.model("easel: {defaults: {scale: 3.0, steps: 2, sampler: euler}}\n")
        result = self.done("txt2img", "--prompt", "a cat", "--ckpt", model, "--ddim_steps", 1, "--n_samples", 1,
                           "--H", 64, "--W", 64)
        self.assertMatches(result.out, r"--ddim_steps 1 .*--scale 5 ")

    def test_inspect_shows_them(self):
        model = self.model("easel: {defaults: {scale: 3.5, steps: 2, sampler: unipc}}\n")
        self.assertMatches(self.done("inspect", model).out, "2 steps of unipc, guidance 3.5")
        report = json.loads(self.done("inspect", "--json", model).out)[0]
        self.assertEqual(report["defaults"], {"steps": 2, "sampler": "unipc", "scale": 3.5})

    def test_the_gallery_draws_with_them(self):
        model = self.model("easel: {defaults: {scale: 3.0, steps: 2, sampler: euler}}\n")
        pair = ("--subjects", "a cat", "--styles", "in pencil", "--count", 1, "--data", self.folder / "data")
        self.assertMatches(self.done("gallery", "draw", *pair, "-m", model).out, "1 pictures drawn, 0 were there")
        # The same picture by its flags is there already; other flags are another picture.
        said = ("--steps", 2, "--scale", 3, "--sampler", "euler")
        self.assertMatches(self.done("gallery", "draw", *pair, *said, "-m", model).out, "0 pictures drawn, 1 were there")
        self.assertMatches(self.done("gallery", "draw", *pair, "--steps", 3, "-m", model).out, "1 pictures drawn")

    def test_help_says_where_they_come_from(self):
        for command in (("draw",), ("gallery", "draw")):
            text = " ".join(self.done(*command, "--help").out.split())
            for value in ("25", "7.5", "dpmpp-2m"):
                self.assertIn(f"[the model's, else {value}]", text)


if __name__ == "__main__":
    unittest.main()
