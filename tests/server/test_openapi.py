"""The description of the API against the running server: its routes, and what they answer."""

import json
import os
import re
import subprocess

from harness import EASEL, ROOT, Events, ServerTest


class Checker:
    """The part of JSON Schema that the description uses."""

    def __init__(self, document):
        self.document = document

    def resolve(self, schema):
        while "$ref" in schema:
            node = self.document
            for part in schema["$ref"][2:].split("/"):
                node = node[part]
            schema = node
        return schema

    def faults(self, value, schema, at="$"):
        schema = self.resolve(schema)
        if "oneOf" in schema:
            options = [self.faults(value, option, at) for option in schema["oneOf"]]
            return [] if any(not option for option in options) else min(options, key=len)
        types = schema.get("type")
        types = [types] if isinstance(types, str) else types
        if types and not any(self.is_a(value, kind) for kind in types):
            return [f"{at}: {value!r} is no {types}"]
        found = []
        if "enum" in schema and value not in schema["enum"] and value is not None:
            found.append(f"{at}: {value!r} is none of {schema['enum']}")
        if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
            found.append(f"{at}: {value!r} does not match {schema['pattern']}")
        if isinstance(value, list) and "items" in schema:
            for i, item in enumerate(value):
                found += self.faults(item, schema["items"], f"{at}[{i}]")
        if isinstance(value, dict):
            properties = schema.get("properties", {})
            found += [f"{at}: {name} is missing" for name in schema.get("required", []) if name not in value]
            for name, item in value.items():
                if name in properties:
                    found += self.faults(item, properties[name], f"{at}.{name}")
                elif schema.get("additionalProperties") is False:
                    found.append(f"{at}: {name} is not described")
        return found

    @staticmethod
    def is_a(value, kind):
        if kind == "null":
            return value is None
        if kind == "boolean":
            return isinstance(value, bool)
        if kind in ("integer", "number") and isinstance(value, bool):
            return False
        return isinstance(value, {"integer": int, "number": (int, float), "string": str, "array": list, "object": dict}[kind])


class Description(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.document = cls.server.get("/api/v1/openapi.json").json
        cls.checker = Checker(cls.document)

    def conforms(self, method, path, answer, template=None):
        operation = self.document["paths"][template or path.split("?")[0]][method.lower()]
        self.assertIn(str(answer.status), operation["responses"], (method, path, answer))
        response = self.checker.resolve(operation["responses"][str(answer.status)])
        kind = answer.headers.get("Content-Type")
        content = response.get("content", {})
        self.assertTrue(not content or kind in content, (path, kind))
        if content and "json" in kind and content[kind]:
            self.assertEqual(self.checker.faults(answer.json, content[kind]["schema"]), [], (method, path))
        return answer

    def test_it_is_whole(self):
        self.assertEqual(self.document["openapi"], "3.1.0")
        with open(os.path.join(ROOT, "src", "server", "api", "own", "openapi.json")) as file:
            self.assertEqual(json.load(file), self.document)
        ids = [o["operationId"] for path in self.document["paths"].values() for o in path.values()]
        self.assertEqual(len(ids), len(set(ids)))
        for reference in set(re.findall(r'"\$ref": ?"([^"]+)"', json.dumps(self.document))):
            self.checker.resolve({"$ref": reference})

    def test_every_described_path_is_there_with_its_methods_and_no_other(self):
        for template, operations in self.document["paths"].items():
            path = template.replace("{id}", "01ARZ3NDEKTSV4RRFFQ69G5FAV").replace("{sha256}", "0" * 64).replace("{file}", "image-80.webp")
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                if method == "GET" and template.endswith("/events") and "{id}" not in template:
                    with Events(self.server, path) as events:
                        self.assertEqual(events.status, 200)
                    continue
                body = None if method in ("GET", "DELETE") else b"{}"
                answer = self.server.request(method, path, body, headers={"Content-Type": "application/json"} if body else {})
                if method.lower() in operations:
                    self.assertNotEqual(answer.status, 405, (method, path))
                    if answer.status == 404:
                        self.assertNotIn("nothing at this address", answer.body.decode(), (method, path))
                    self.conforms(method, path, answer, template)
                else:
                    self.assertEqual(answer.status, 405, (method, path, answer))

    def test_answers_are_as_described(self):
        server = self.server
        job = self.conforms("POST", "/api/v1/jobs", server.post("/api/v1/jobs", {
            "prompt": "described", "steps": 2, "count": 2, "seed": 1, "style": "s", "subject": "t"})).json
        job = server.wait(job["id"])
        picture = job["pictures"][0]["id"]
        one = "/api/v1/pictures/{id}"
        for path in ("/api/v1/jobs?limit=5", "/api/v1/pictures?limit=5", "/api/v1/pictures/facets", "/api/v1/models", "/api/v1/samplers", "/api/v1/fields",
                     "/api/v1/upscalers", "/api/v1/catalogue", "/api/v1/system", "/api/v1/sheets", "/api/v1/estimate?steps=5&count=3"):
            self.assertEqual(self.conforms("GET", path, server.get(path)).status, 200)
        self.conforms("GET", "x", server.get("/api/v1/jobs/" + job["id"]), "/api/v1/jobs/{id}")
        self.conforms("POST", "x", server.post(f"/api/v1/jobs/{job['id']}/cancel"), "/api/v1/jobs/{id}/cancel")
        self.conforms("GET", "x", server.get("/api/v1/pictures/" + picture), one)
        self.conforms("PATCH", "x", server.request("PATCH", "/api/v1/pictures/" + picture, {"favourite": True}), one)
        self.conforms("PATCH", "x", server.request("PATCH", "/api/v1/pictures/" + picture, {"favourite": 1}), one)
        for action in ("upscale", "variations"):
            answer = server.post(f"/api/v1/pictures/{picture}/{action}", {"count": 1} if action == "variations" else {"factor": 2})
            self.conforms("POST", "x", answer, f"{one}/{action}")
            server.wait(answer.json["id"])
        self.conforms("DELETE", "x", server.request("DELETE", "/api/v1/pictures/" + picture), one)
        self.conforms("POST", "x", server.post(f"/api/v1/pictures/{picture}/restore"), one + "/restore")
        data = server.get(f"/api/v1/pictures/{picture}/image.png").body
        self.conforms("POST", "/api/v1/png-info", server.request("POST", "/api/v1/png-info", data,
                                                                 headers={"Content-Type": "image/png"}))
        sheet = self.conforms("POST", "/api/v1/sheets", server.post("/api/v1/sheets", {
            "subjects": [{"name": "a"}], "styles": [{"name": "b"}], "steps": 1, "seed": 1})).json["id"]
        for action in ("cancel", "resume"):
            self.conforms("POST", "x", server.post(f"/api/v1/sheets/{sheet}/{action}"), "/api/v1/sheets/{id}/" + action)
        self.conforms("GET", "x", server.get("/api/v1/sheets/" + sheet), "/api/v1/sheets/{id}")
        self.conforms("POST", "/api/v1/session", server.post("/api/v1/session", {"token": "any"}))

    def test_the_routes_are_the_ones_of_the_golden_list(self):
        # A new way in is somebody's decision: nothing may install, delete or fetch models over HTTP.
        described = {(method.upper(), path) for path, operations in self.document["paths"].items() for method in operations}
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "routes.txt")) as file:
            golden = {tuple(line.split()) for line in file if line.startswith(("GET", "POST", "PUT", "PATCH", "DELETE"))}
        self.assertEqual(described, golden)

    def test_it_says_whose_it_is_and_of_which_program(self):
        version = subprocess.run([EASEL, "--version"], capture_output=True, text=True, timeout=60).stdout.split()[1]
        self.assertEqual(self.document["info"]["version"], version)
        self.assertEqual(self.document["info"]["license"]["identifier"], "Apache-2.0")
        # A client that is made from it talks to the server that it came from.
        self.assertEqual(self.document["servers"], [{"url": "/"}])
        used = set(re.findall(r"#/components/responses/(\w+)", json.dumps(self.document)))
        self.assertEqual(used, set(self.document["components"]["responses"]))
