import base64
import json
import threading
import time

from harness import Events, Server, ServerTest, png_pixels


class Jobs(ServerTest):
    def test_a_job_is_drawn_and_its_pictures_are_whole(self):
        answer = self.server.post("/api/v1/jobs", {"prompt": "panda riding a bike", "steps": 3,
                                                   "count": 3, "seed": 7, "style": "Monet"})
        self.assertEqual(answer.status, 202)
        job = answer.json
        self.assertEqual(answer.headers["Location"], "/api/v1/jobs/" + job["id"])
        done = self.server.wait(job["id"])
        self.assertEqual(done["state"], "done")
        self.assertEqual([p["index"] for p in done["pictures"]], [0, 1, 2])
        self.assertEqual([p["seed"] for p in done["pictures"]], [7, 8, 9])
        for picture in done["pictures"]:
            image = self.server.get(picture["image"])
            self.assertEqual(image.headers["Content-Type"], "image/png")
            self.assertEqual(png_pixels(image.body), (picture["width"], picture["height"]))
            self.assertEqual(len(image.body), picture["bytes"])
            thumbnail = self.server.get(picture["thumbnail"])
            self.assertEqual(thumbnail.headers["Content-Type"], "image/webp")
            self.assertEqual(thumbnail.body[8:12], b"WEBP")

    def test_the_same_settings_give_the_same_pictures(self):
        first = self.server.drawn("rocket", seed=5, count=2)
        again = self.server.drawn("rocket", seed=5, count=2, reuse=False)
        self.assertNotEqual(first["id"], again["id"])
        pixels = lambda job: [self.server.get(p["image"]).body for p in job["pictures"]]
        self.assertEqual(pixels(first), pixels(again))

    def test_a_grid_asked_for_before_comes_from_the_gallery(self):
        first = self.server.drawn("ship at sea", seed=3, count=2)
        again = self.server.draw("ship at sea", seed=3, count=2, subject="another label")
        self.assertTrue(again["from_gallery"])
        self.assertEqual(again["state"], "done")
        self.assertEqual([p["id"] for p in first["pictures"]], [p["id"] for p in again["pictures"]])
        estimate = self.server.get("/api/v1/estimate?prompt=ship+at+sea&seed=3&count=2&steps=2").json
        self.assertTrue(estimate["from_gallery"])
        self.server.request("DELETE", "/api/v1/pictures/" + first["pictures"][0]["id"])
        self.assertFalse(self.server.draw("ship at sea", seed=3, count=2)["from_gallery"])

    def test_an_estimate_says_what_the_model_makes_of_the_words(self):
        notes = lambda prompt: self.server.get("/api/v1/estimate?prompt=" + prompt).json["notes"]
        self.assertEqual(notes("ship+at+sea"), [])
        self.assertIn("'zyzzyva'", " ".join(notes("a+zyzzyva+at+sea")))
        self.assertEqual(self.server.get("/api/v1/estimate?steps=2").json["notes"], [])
        job = self.server.drawn("a zyzzyva at sea", steps=1)
        self.assertEqual(notes("a+zyzzyva+at+sea"), [note for note in job["notes"] if "zyzzyva" in note])

    def test_an_idempotency_key_is_one_job_for_ever(self):
        body = {"prompt": "eiffel tower", "steps": 2, "seed": 11}
        headers = {"Idempotency-Key": "key-1"}
        answers = []
        send = lambda: answers.append(self.server.post("/api/v1/jobs", body, headers=headers))
        threads = [threading.Thread(target=send) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual({answer.status for answer in answers}, {202})
        self.assertEqual(len({answer.json["id"] for answer in answers}), 1)
        replayed = [a.headers.get("Idempotency-Replayed") for a in answers]
        self.assertEqual(replayed.count("true"), 7)
        other = self.server.post("/api/v1/jobs", dict(body, seed=12), headers=headers)
        self.refused(other, 422, "Idempotency-Key")
        for bad in ("", "x" * 201, "tab\there"):
            self.refused(self.server.post("/api/v1/jobs", body, headers={"Idempotency-Key": bad}), 422,
                         "Idempotency-Key")

    def test_a_queued_and_a_running_job_are_cancelled(self):
        running = self.server.draw("city skyline at sunset", steps=900, count=4, reuse=False)
        queued = self.server.draw("robot", steps=900)
        with Events(self.server, running["events"]) as events:
            for name, data, _ in events:
                if name == "step":
                    break
        self.assertEqual(self.server.get("/api/v1/jobs/" + queued["id"]).json["position"], 0)
        answer = self.server.post(f"/api/v1/jobs/{queued['id']}/cancel")
        self.assertEqual((answer.status, answer.json["state"]), (202, "cancelled"))
        with Events(self.server, running["events"]) as events:
            stream = iter(events)
            next(stream)
            self.server.post(f"/api/v1/jobs/{running['id']}/cancel")
            steps = 0
            for name, data, _ in stream:
                steps += name == "step"
                if name == "cancelled":
                    break
            self.assertEqual(name, "cancelled")
        # As far as they are, all of one step, in the gallery too; their command says nothing of it.
        self.assertEqual([p["index"] for p in data["pictures"]], [0, 1, 2, 3])
        reached = data["pictures"][0]["unfinished"]
        self.assertEqual(reached["steps"], 900)
        for picture in data["pictures"]:
            self.assertEqual(picture["unfinished"], reached)
            self.assertEqual(self.server.get("/api/v1/pictures/" + picture["id"]).json, picture)
            self.assertNotIn("nfinished", picture["command"])
            self.assertIn(f"Unfinished: step {reached['step']} of 900".encode(),
                          self.server.get(picture["image"]).body)
        # Those on their way when it was asked, and one that was under way.
        self.assertLess(steps, 20)
        again = self.server.post(f"/api/v1/jobs/{running['id']}/cancel")
        self.assertEqual((again.status, again.json["state"]), (202, "cancelled"))

    def test_a_job_that_is_cancelled_twice_ends_at_once(self):
        job = self.server.draw("twice", steps=900, width=128, height=128, count=16, reuse=False)
        with Events(self.server, job["events"]) as events:
            for name, data, _ in events:
                if name == "step":
                    break
        for _ in range(2):
            self.assertEqual(self.server.post(f"/api/v1/jobs/{job['id']}/cancel").status, 202)
        ended = self.server.wait(job["id"])
        self.assertEqual(ended["state"], "cancelled")
        self.assertLess(len(ended["pictures"]), 16)

    def test_what_does_not_exist_is_404(self):
        for path in ("/api/v1/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/api/v1/jobs/x", "/api/v1/nothing",
                     "/api/v1/pictures/01ARZ3NDEKTSV4RRFFQ69G5FAV",
                     "/api/v1/pictures/01ARZ3NDEKTSV4RRFFQ69G5FAV/image.png",
                     "/api/v1/sheets/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/etc/passwd"):
            self.refused(self.server.get(path), 404)

    def test_jobs_are_listed_by_pages_newest_first(self):
        ids = [self.server.drawn("mountain", seed=seed)["id"] for seed in range(100, 105)]
        seen, cursor = [], ""
        while True:
            page = self.server.get(f"/api/v1/jobs?state=done&limit=2{cursor}").json
            self.assertLessEqual(len(page["items"]), 2)
            seen += [job["id"] for job in page["items"]]
            if page["next"] is None:
                break
            cursor = "&before=" + page["next"]
        self.assertEqual(seen, sorted(seen, reverse=True))
        self.assertEqual(len(seen), len(set(seen)))
        self.assertTrue(set(ids) <= set(seen))

    def test_clients_take_turns(self):
        blocker = self.server.draw("blocker", steps=900, reuse=False)
        while self.server.get(f"/api/v1/jobs/{blocker['id']}").json["state"] == "queued":
            time.sleep(0.01)  # a client that was never served goes before it until it runs

        def submit(client, seed):
            answer = self.server.post("/api/v1/jobs", {"prompt": "turns", "steps": 1, "seed": seed},
                                      headers={"Easel-Client": client})
            return answer.json["id"]
        many = [submit("one", seed) for seed in range(500, 506)]
        single = submit("two", 600)
        jobs = self.server.get("/api/v1/jobs?state=queued&limit=100").json["items"]
        places = {job["id"]: job["position"] for job in jobs}
        self.assertLessEqual(places[single], 1)
        self.assertEqual([places[job] for job in many], sorted(places[job] for job in many))
        self.server.post(f"/api/v1/jobs/{blocker['id']}/cancel")
        for job in many + [single]:
            self.assertEqual(self.server.wait(job)["state"], "done")


class Streams(ServerTest):
    def test_a_job_tells_every_step_previews_and_pictures(self):
        job = self.server.draw("fat pug wearing a cowboy hat", steps=6, count=2, reuse=False)
        names, steps, previews = [], [], []
        with Events(self.server, job["events"] + "?previews=1&latents=1") as events:
            for name, data, _ in events:
                names.append(name)
                self.assertEqual(data["job"], job["id"])
                if name == "step":
                    steps.append(data)
                if name == "preview":
                    previews.append(data)
        self.assertEqual(names[0], "snapshot")
        self.assertEqual(names[-1], "done")
        self.assertEqual(names.count("picture"), 2)
        self.assertEqual(data["state"], "done")
        self.assertEqual(len(data["pictures"]), 2)
        counted = [s["step"] for s in steps]
        self.assertEqual(counted, sorted(counted))
        self.assertEqual(counted[-1], 6)
        self.assertTrue(all("seconds_left" in s for s in steps))
        # The stream was opened while it ran: it has the previews of the steps that came after.
        self.assertTrue(previews)
        for preview in previews:
            self.assertEqual(len(preview["pictures"]), 2)
            self.assertEqual(len(preview["latents"]), 2)
            for text in preview["pictures"] + preview["latents"]:
                png_pixels(base64.b64decode(text))

    def test_nobody_who_did_not_ask_gets_previews(self):
        job = self.server.draw("submarine", steps=4, reuse=False)
        with Events(self.server, job["events"]) as events:
            names = [name for name, _, _ in events]
        self.assertNotIn("preview", names)
        self.assertEqual(names[-1], "done")

    def test_a_broken_stream_is_resumed_without_gaps_or_repetition(self):
        job = self.server.draw("ship in a storm", steps=30, count=2, reuse=False)
        seen, last = [], None
        with Events(self.server, job["events"]) as events:
            for name, data, number in events:
                last = number or last
                if name == "step":
                    seen.append(data["step"])
                    if len(seen) == 5:
                        break
        while True:
            with Events(self.server, job["events"], {"Last-Event-ID": last}) as events:
                if events.status == 204:
                    break
                for name, data, number in events:
                    self.assertNotEqual(name, "snapshot")
                    last = number or last
                    if name == "step":
                        seen.append(data["step"])
                        if len(seen) == 10:
                            break
        self.assertEqual(seen, list(range(seen[0], 31)))
        # It has ended and been seen to: an EventSource is told not to come back.
        self.assertEqual(Events(self.server, job["events"], {"Last-Event-ID": last}).status, 204)

    def test_an_id_of_another_run_gets_a_snapshot(self):
        job = self.server.drawn("owl")
        for bad in ("OTHER-7", "x", "-1", "9" * 40, "\u00ff"):
            with Events(self.server, job["events"], {"Last-Event-ID": bad.encode("latin-1")}) as events:
                names = [name for name, _, _ in events]
            self.assertEqual(names, ["snapshot"])

    def test_the_stream_of_everything_tells_of_the_gallery(self):
        picture = self.server.drawn("gallery events")["pictures"][0]["id"]
        with Events(self.server, "/api/v1/events") as events:
            stream = iter(events)
            next(stream)
            self.server.request("PATCH", "/api/v1/pictures/" + picture, {"favourite": True})
            self.server.request("DELETE", "/api/v1/pictures/" + picture)
            changes = []
            for name, data, _ in stream:
                if name == "gallery":
                    changes.append((data["change"], data["picture"]["id"]))
                if len(changes) == 2:
                    break
        self.assertEqual(changes, [("favourite", picture), ("deleted", picture)])

    def test_a_reader_that_never_reads_holds_nobody_up(self):
        import socket
        stuck = socket.create_connection(("127.0.0.1", self.server.port))
        stuck.sendall(b"GET /api/v1/events?previews=1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try:
            self.server.drawn("stuck reader", steps=20, count=4, reuse=False)
        finally:
            stuck.close()


class Durability(ServerTest):
    def test_jobs_and_keys_outlive_the_server(self):
        server = Server()
        try:
            slow = server.draw("slow", steps=900, count=4)
            waiting = server.post("/api/v1/jobs", {"prompt": "waiting", "steps": 1, "seed": 3},
                                  headers={"Idempotency-Key": "after"}).json
            with Events(server, slow["events"]) as events:
                next(name for name, _, _ in events if name == "step")
            server.kill()
            again = Server(data=server.data)
            try:
                replay = again.post("/api/v1/jobs", {"prompt": "waiting", "steps": 1, "seed": 3},
                                    headers={"Idempotency-Key": "after"})
                self.assertEqual(replay.json["id"], waiting["id"])
                self.assertGreater(again.get("/api/v1/jobs/" + slow["id"]).json["attempt"], 0)
                again.post(f"/api/v1/jobs/{slow['id']}/cancel")
                self.assertEqual(again.wait(slow["id"])["state"], "cancelled")
                self.assertEqual(again.wait(waiting["id"])["state"], "done")
            finally:
                self.assertEqual(again.stop(), 0)
                again.forget()
        finally:
            server.forget()
