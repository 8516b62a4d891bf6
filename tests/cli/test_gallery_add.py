"""`easel gallery add`: pictures of any program join the gallery."""
import sqlite3
import unittest

from PIL import Image

from support import PROMPT, CliTest


class GalleryAdd(CliTest):
    def rows(self, columns):
        with sqlite3.connect(f"file:{self.folder}/data/easel/easel.db?mode=ro", uri=True) as store:
            return store.execute(f"SELECT {columns} FROM picture ORDER BY seq").fetchall()

    def test_a_folder_joins_the_gallery_once_with_the_settings_of_its_pictures(self):
        self.done("draw", PROMPT, "--steps", "1", "--seed", "7", "-o", "in/drawn.png")
        Image.new("RGB", (20, 10), (1, 2, 3)).save(self.work / "in" / "photo.jpg")
        (self.work / "in" / "deep").mkdir()
        Image.new("RGB", (4, 4)).save(self.work / "in" / "deep" / "more.png")
        (self.work / "in" / "notes.txt").write_text("no picture")
        first = self.done("gallery", "add", "in")
        self.assertIn("2 pictures added to the gallery", first.out)
        self.assertIn("1 file of another kind, 1 folder", first.err)
        self.assertEqual(self.rows("prompt, seed, width"), [(PROMPT, 7, 64), ("", None, 20)])
        again = self.done("gallery", "add", "in", "--recursive")
        self.assertIn("1 picture added", again.out)
        self.assertIn("2 were there already", again.out)
        kept = next((self.folder / "data" / "easel" / "pictures").rglob(self.rows("id")[0][0] + ".png"))
        self.assertEqual(kept.read_bytes(), (self.work / "in" / "drawn.png").read_bytes(), "a PNG stays as it is")

    def test_what_cannot_be_read_is_named_and_keeps_no_other_out(self):
        (self.work / "in").mkdir()
        Image.new("RGB", (4, 4)).save(self.work / "in" / "a.png")
        (self.work / "in" / "b.png").write_bytes(b"no picture")
        result = self.easel("gallery", "add", "in")
        self.assertEqual(result.code, 1, result.err)
        self.assertIn("in/b.png is no PNG, JPEG or WebP picture", result.err)
        self.assertTrue(result.err.endswith("easel: 1 of 2 pictures could not be added\n"), result.err)
        self.assertEqual(len(self.rows("id")), 1)


if __name__ == "__main__":
    unittest.main()
