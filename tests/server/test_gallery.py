import io
import json
import os
import time

from harness import ServerTest, png_pixels


class Gallery(ServerTest):
    def test_pages_are_complete_and_in_order(self):
        job = self.server.drawn("pages", count=7, seed=50)
        seen, cursor = [], ""
        while True:
            page = self.server.get("/api/v1/pictures?limit=3" + cursor).json
            seen += [p["id"] for p in page["items"]]
            if page["next"] is None:
                break
            cursor = "&before=" + page["next"]
        self.assertEqual(len(seen), len(set(seen)))
        mine = [p["id"] for p in job["pictures"]]
        self.assertEqual([p for p in seen if p in mine], mine[::-1])

    def test_a_picture_is_drawn_once_whatever_it_is_asked_for_with(self):
        before = self.server.get("/api/v1/pictures/facets").json["count"]
        sixteen = self.server.drawn("once", count=6, seed=70)
        four = self.server.drawn("once", count=4, seed=71)
        one = self.server.drawn("once", count=1, seed=75)
        ids = [p["id"] for p in sixteen["pictures"]]
        self.assertEqual([p["id"] for p in four["pictures"]], ids[1:5])
        self.assertEqual([p["index"] for p in four["pictures"]], [0, 1, 2, 3])
        self.assertEqual([p["id"] for p in one["pictures"]], ids[5:])
        self.assertTrue(self.server.post("/api/v1/jobs", {
            "prompt": "once", "count": 2, "seed": 73, "steps": 2}).json["from_gallery"])
        more = self.server.drawn("once", count=4, seed=74)
        self.assertEqual([p["id"] for p in more["pictures"]][:2], ids[4:])
        self.assertEqual([p["seed"] for p in more["pictures"]], [74, 75, 76, 77])
        self.assertEqual(self.server.get("/api/v1/pictures/facets").json["count"], before + 8)

    def test_studies_are_kept_out_of_the_lists_until_they_are_favourites(self):
        study = self.server.drawn("a study", listed=False)["pictures"][0]
        self.assertFalse(study["listed"])
        listed = lambda query="": [p["id"] for p in self.server.get("/api/v1/pictures?q=study" + query).json["items"]]
        self.assertEqual(listed(), [])
        self.assertEqual(listed("&studies=true"), [study["id"]])
        self.assertEqual(self.server.get("/api/v1/pictures/" + study["id"]).status, 200)
        again = self.server.drawn("a study")["pictures"][0]
        self.assertEqual(again["id"], study["id"], "asked for as a picture, it is one")
        self.assertEqual(listed(), [study["id"]])

    def test_stars_tags_dates_and_orders(self):
        pictures = self.server.drawn("marked", count=3, seed=80)["pictures"]
        ids = [p["id"] for p in pictures]
        mark = lambda k, marks: self.server.request("PATCH", "/api/v1/pictures/" + ids[k], json.dumps(marks).encode(),
                                                    headers={"Content-Type": "application/json"})
        self.assertEqual(mark(1, {"rating": 5, "tags": [" b ", "a", "a"]}).json["tags"], ["a", "b"])
        self.assertEqual(mark(2, {"rating": 3}).json["rating"], 3)
        for bad in ({}, {"rating": 6}, {"tags": ["a,b"]}, {"tags": "a"}, {"tags": [""]}):
            self.assertEqual(mark(0, bad).status, 422, bad)
        find = lambda query: [p["id"] for p in self.server.get("/api/v1/pictures?q=marked&" + query).json["items"]]
        self.assertEqual(find("sort=best"), [ids[1], ids[2], ids[0]])
        self.assertEqual(find("sort=oldest"), ids)
        self.assertEqual(find("rating=3"), [ids[2], ids[1]])
        self.assertEqual(find("tag=a"), [ids[1]])
        self.assertEqual(self.server.get("/api/v1/pictures/facets").json["tags"], ["a", "b"])
        self.assertEqual(find("since=" + pictures[0]["created"]), ids[::-1])
        self.assertEqual(find("until=" + pictures[0]["created"][:10]), [])
        page = self.server.get("/api/v1/pictures?q=marked&sort=best&limit=2").json
        self.assertEqual(find("sort=best&limit=2&before=" + page["next"]), [ids[0]])
        for bad in ("sort=random", "since=today", "until=2026-02-30", "rating=6", "before=x", "sort=best&before=5"):
            self.assertEqual(self.server.get("/api/v1/pictures?" + bad).status, 422, bad)

    def test_pictures_that_people_bring_are_there_once_with_their_settings(self):
        drawn = self.server.drawn("brought", seed=90)["pictures"][0]
        png = self.server.get(drawn["image"]).body
        bring = lambda body: self.server.request("POST", "/api/v1/pictures", body, headers={"Content-Type": "image/png"})
        first = bring(png)
        self.assertEqual((first.status, first.json["prompt"], first.json["seed"]), (201, "brought", 90))
        self.assertEqual(self.server.get(first.json["image"]).body, png, "a PNG is kept as it is")
        self.assertEqual((bring(png).status, bring(png).json["id"]), (200, first.json["id"]))
        self.assertEqual(bring(b"no picture").status, 422)
        self.assertEqual(self.server.request("POST", "/api/v1/pictures", b"", headers={"Content-Type": "image/png"}).status, 400)

    def test_words_model_style_and_favourites_are_found(self):
        job = self.server.drawn("Königin Élodie's cat", style="Dalí (1929), surrealist", subject="cat q")
        picture = job["pictures"][0]["id"]
        find = lambda query: [p["id"] for p in self.server.get("/api/v1/pictures?" + query).json["items"]]
        for query in ("q=konigin", "q=elod", "q=CAT+Elodie", "q=dali", "style=Dal%C3%AD+(1929),+surrealist",
                      "subject=cat+q", "model=default&q=k%C3%B6nigin", "seed=1&q=elodie", "job=" + job["id"]):
            self.assertIn(picture, find(query), query)
        for query in ("q=konigin+dog", "q=onigin", "style=Dali", "model=other", "q=%22", "q=*", "favourite=true",
                      "q=elodie&seed=2"):
            self.assertNotIn(picture, find(query), query)
        self.server.request("PATCH", "/api/v1/pictures/" + picture, {"favourite": True})
        self.assertIn(picture, find("favourite=true"))
        facets = self.server.get("/api/v1/pictures/facets").json
        self.assertIn("default", facets["models"])
        self.assertIn("Dalí (1929), surrealist", facets["styles"])

    def test_search_syntax_means_nothing(self):
        for words in ('AND', 'OR NOT', '"', '""', '*', 'a*', 'prompt:x', '(', ')', 'NEAR(a b)', '^a', '-', '+',
                      "'; DROP TABLE picture; --", '\\', '%', '_', '\u0000'[:0] + '\u202e'):
            from urllib.parse import quote
            answer = self.server.get("/api/v1/pictures?q=" + quote(words))
            self.assertEqual(answer.status, 200, words)

    def test_deleting_can_be_undone(self):
        picture = self.server.drawn("undo")["pictures"][0]["id"]
        ids = lambda query: [p["id"] for p in self.server.get("/api/v1/pictures" + query).json["items"]]
        deleted = self.server.request("DELETE", "/api/v1/pictures/" + picture).json
        self.assertIsNotNone(deleted["deleted"])
        self.assertNotIn(picture, ids(""))
        self.assertIn(picture, ids("?deleted=true"))
        restored = self.server.post(f"/api/v1/pictures/{picture}/restore").json
        self.assertIsNone(restored["deleted"])
        self.assertIn(picture, ids(""))

    def test_deleting_for_good_removes_the_files(self):
        picture = self.server.drawn("for good")["pictures"][0]
        file = os.path.join(self.server.data, "pictures", picture["id"][:5], picture["id"] + ".png")
        self.assertTrue(os.path.exists(file))
        self.assertEqual(
            self.server.request("DELETE", f"/api/v1/pictures/{picture['id']}?forever=true").status, 200)
        self.assertFalse(os.path.exists(file))
        self.refused(self.server.get("/api/v1/pictures/" + picture["id"]), 404)
        self.refused(self.server.get(picture["image"]), 404)

    def test_a_picture_is_enlarged(self):
        picture = self.server.drawn("large")["pictures"][0]
        for upscaler in self.server.get("/api/v1/upscalers").json["items"]:
            job = self.server.post(f"/api/v1/pictures/{picture['id']}/upscale",
                                   {"factor": 2, "upscaler": upscaler["name"]}).json
            done = self.server.wait(job["id"])
            self.assertEqual(done["state"], "done", done)
            result = done["pictures"][0]
            self.assertEqual(result["parent"], picture["id"])
            self.assertEqual((result["width"], result["height"]),
                             (2 * picture["width"], 2 * picture["height"]))
            self.assertEqual(png_pixels(self.server.get(result["image"]).body),
                             (result["width"], result["height"]))
        again = self.server.post(f"/api/v1/pictures/{picture['id']}/upscale",
                                 {"factor": 2, "upscaler": upscaler["name"]}).json
        self.assertTrue(again["from_gallery"])
        path = f"/api/v1/pictures/{picture['id']}/upscale"
        for body, field in (({"factor": 1}, "factor"), ({"factor": 1000}, "factor"),
                            ({"factor": "x"}, "factor"), ({"upscaler": "../x"}, "upscaler"),
                            ({"other": 1}, "other")):
            self.refused(self.server.post(path, body), 422, field)

    def test_drawing_and_enlarging_at_once(self):
        job = self.server.drawn("both", upscale=2, count=2)
        for picture in job["pictures"]:
            self.assertEqual(picture["width"], 2 * picture["native_width"])
            self.assertEqual(picture["upscale"], 2)
            png_pixels(self.server.get(picture["image"]).body)

    def test_variations_share_the_noise(self):
        picture = self.server.drawn("vary")["pictures"][0]
        job = self.server.post(f"/api/v1/pictures/{picture['id']}/variations", {"strength": 0.2}).json
        done = self.server.wait(job["id"])
        self.assertEqual(done["state"], "done")
        self.assertEqual(len(done["pictures"]), 4)
        self.assertEqual({p["seed"] for p in done["pictures"]}, {picture["seed"]})
        self.assertEqual(len({p["variation"]["seed"] for p in done["pictures"]}), 4)
        files = [self.server.get(p["image"]).body for p in done["pictures"]]
        self.assertEqual(len(set(files)), 4)

    def test_a_dropped_picture_gives_its_settings_back(self):
        job = self.server.drawn('a "quoted", café: prompt', negative="blurry", seed=2 ** 64 - 1, scale=3.5)
        picture = job["pictures"][0]
        self.assertEqual(picture["seed"], str(2 ** 64 - 1))
        data = self.server.get(picture["image"]).body
        answer = self.server.request("POST", "/api/v1/png-info", data, headers={"Content-Type": "image/png"})
        self.assertEqual(answer.status, 200, answer)
        settings = answer.json["settings"]
        for key in ("prompt", "negative", "seed", "steps", "scale", "sampler", "width", "height", "model"):
            self.assertEqual(settings[key], picture[key], key)
        for body, status in ((b"", 400), (b"x", 422), (data[:100], 422), (data[:-20], 422)):
            answer = self.server.request("POST", "/api/v1/png-info", body, headers={"Content-Type": "image/png"})
            self.refused(answer, status)
        self.refused(self.server.request("POST", "/api/v1/png-info", data,
                                         headers={"Content-Type": "application/octet-stream"}), 415)

    def test_pictures_are_cached_by_their_etag(self):
        picture = self.server.drawn("etag")["pictures"][0]
        for path in (picture["image"], picture["thumbnail"], "/", "/api/v1/openapi.json"):
            first = self.server.get(path)
            self.assertEqual(first.status, 200, path)
            again = self.server.get(path, headers={"If-None-Match": first.headers["ETag"]})
            self.assertEqual((again.status, again.body), (304, b""), path)
            head = self.server.request("HEAD", path)
            self.assertEqual((head.status, head.body), (200, b""), path)
            self.assertEqual(head.headers["Content-Length"], str(len(first.body)))

    def test_a_file_that_has_gone_is_told_and_not_a_fault(self):
        picture = self.server.drawn("gone")["pictures"][0]
        os.unlink(os.path.join(self.server.data, "pictures", picture["id"][:5], picture["id"] + ".png"))
        self.refused(self.server.get(picture["image"]), 404)

    def test_a_link_in_the_picture_folder_leads_nowhere(self):
        picture = self.server.drawn("link")["pictures"][0]
        file = os.path.join(self.server.data, "pictures", picture["id"][:5], picture["id"] + ".png")
        os.unlink(file)
        os.symlink("/etc/passwd", file)
        self.refused(self.server.get(picture["image"]), 404)


class Catalogue(ServerTest):
    def test_own_entries_come_after_the_built_in_ones(self):
        builtin = self.server.get("/api/v1/catalogue").json
        self.assertGreaterEqual(len(builtin["subjects"]), 9)
        self.assertGreaterEqual(len(builtin["styles"]), 12)
        own = {"subjects": [{"name": "Owl", "text": "an owl <script>alert(1)</script>"}],
               "styles": [{"name": "Linocut"}]}
        saved = self.server.request("PUT", "/api/v1/catalogue", own).json
        self.assertEqual(saved["subjects"][-1], {"name": "Owl", "text": own["subjects"][0]["text"], "own": True})
        self.assertEqual(saved["styles"][-1], {"name": "Linocut", "text": "Linocut", "own": True})
        file = os.path.join(self.server.home, "config", "easel", "catalogue.json")
        with open(file) as text:
            self.assertEqual(json.load(text)["subjects"][0]["name"], "Owl")
        self.assertEqual(self.server.request("DELETE", "/api/v1/catalogue").json, builtin)

    def test_broken_lists_change_nothing(self):
        before = self.server.get("/api/v1/catalogue").json
        for bad in ({}, {"subjects": []}, {"subjects": 1, "styles": []}, {"subjects": [1], "styles": []},
                    {"subjects": [{"name": ""}], "styles": []}, {"subjects": [{"text": "x"}], "styles": []},
                    {"subjects": [{"name": "x" * 201}], "styles": []}, {"subjects": [], "styles": [], "x": 1},
                    {"subjects": [{"name": "a"}] * 501, "styles": []}, {"subjects": [{"name": "\u0007"}], "styles": []}):
            self.refused(self.server.request("PUT", "/api/v1/catalogue", bad), 422)
        self.assertEqual(self.server.get("/api/v1/catalogue").json, before)


class Sheets(ServerTest):
    def submit(self, **more):
        body = {"subjects": [{"name": "cat"}, {"name": "Dalí's dog", "text": "dog"}],
                "styles": [{"name": "Monet", "text": "by Monet"}, {"name": "ink"}, {"name": "mosaic"}],
                "join": " ", "steps": 2, "seed": 4}
        return self.server.post("/api/v1/sheets", dict(body, **more))

    def wait(self, sheet, state="done"):
        for _ in range(3000):
            now = self.server.get("/api/v1/sheets/" + sheet).json
            if now["state"] == state:
                return now
            time.sleep(0.02)
        self.fail(now)

    def test_every_subject_is_drawn_in_every_style(self):
        answer = self.submit()
        self.assertEqual(answer.status, 202, answer)
        sheet = self.wait(answer.json["id"])
        self.assertEqual((sheet["done"], sheet["total"]), (6, 6))
        cell = sheet["cells"][3]
        self.assertEqual((cell["row"], cell["column"]), (1, 0))
        self.assertEqual(cell["picture"]["prompt"], "dog by Monet")
        self.assertEqual(cell["picture"]["style"], "Monet")
        image = self.server.get(sheet["image"] + "?cell=64")
        width, height = png_pixels(image.body)
        self.assertTrue(width > 3 * 64 and height > 2 * 64)
        # All of it is there already: another sheet of the same cells is done at once.
        self.assertEqual(self.submit().json["state"], "done")
        self.assertIn(sheet["id"], [s["id"] for s in self.server.get("/api/v1/sheets").json["items"]])
        self.assertEqual(self.server.request("DELETE", "/api/v1/sheets/" + sheet["id"]).status, 204)
        self.refused(self.server.get("/api/v1/sheets/" + sheet["id"]), 404)

    def test_a_sheet_is_stopped_and_resumed(self):
        sheet = self.submit(seed=77, steps=60).json["id"]
        stopped = self.server.post(f"/api/v1/sheets/{sheet}/cancel")
        self.assertEqual(stopped.status, 202)
        done = self.wait(sheet, "stopped")["done"]
        self.assertLess(done, 6)
        self.assertEqual(self.server.post(f"/api/v1/sheets/{sheet}/resume").json["state"], "running")
        self.assertEqual(self.wait(sheet)["done"], 6)

    def test_interactive_jobs_go_before_a_sheet(self):
        sheet = self.submit(seed=88, steps=60).json["id"]
        job = self.server.drawn("in a hurry", seed=88)
        self.assertLess(self.server.get("/api/v1/sheets/" + sheet).json["done"], 6)
        self.server.post(f"/api/v1/sheets/{sheet}/cancel")
        self.wait(sheet, "stopped")

    def test_a_key_makes_one_sheet(self):
        headers = {"Idempotency-Key": "sheet"}
        body = {"subjects": [{"name": "a"}], "styles": [{"name": "b"}], "steps": 1, "seed": 1}
        first = self.server.post("/api/v1/sheets", body, headers=headers).json["id"]
        self.assertEqual(self.server.post("/api/v1/sheets", body, headers=headers).json["id"], first)
        self.refused(self.server.post("/api/v1/sheets", dict(body, seed=2), headers=headers), 422)

    def test_bad_sheets_are_refused(self):
        for more, field in (({"subjects": []}, "subjects"), ({"styles": 5}, "styles"),
                            ({"subjects": [{"name": "x"}] * 101}, "subjects"), ({"steps": 0}, "steps"),
                            ({"prompt": "x"}, "prompt"), ({"foo": 1}, "foo"), ({"join": "x" * 101}, "join")):
            self.refused(self.submit(**more), 422, field)
        many = [{"name": f"n{i}"} for i in range(40)]
        self.refused(self.submit(subjects=many, styles=many), 422)
