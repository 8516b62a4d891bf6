#include <gmock/gmock.h>

#include <limits>

#include "core/error.h"
#include "core/json_fields.h"
#include "embedded/embedded.h"
#include "http/address_signer.h"
#include "http/base64.h"
#include "http/checks.h"
#include "http/rate.h"
#include "http/router.h"
#include "http/static_files.h"
#include "http/url.h"
#include "http/web_address.h"

namespace easel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

HttpRequest request_with(Headers headers) {
  HttpRequest request;
  request.method = "GET";
  request.headers = std::move(headers);
  return request;
}

// --- addresses

TEST(Url, PathsAndQueriesAreDecoded) {
  const auto target = parse_target("/a%20b/c?x=1&y=%C3%A9+z&=&flag&x=2");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/a b/c");
  ASSERT_EQ(target->query.size(), 5u);
  EXPECT_EQ(target->query[1], std::pair(std::string("y"), std::string("é z")));
  EXPECT_EQ(target->query[3], std::pair(std::string("flag"), std::string()));
}

TEST(Url, WhatIsNoPathIsRefused) {
  for (const char* text : {"", "a", "http://evil/", "*", "/%", "/%4", "/%zz", "/%00", "/a%00b",
                           "/%ff", "/%c3%28", "/%ed%a0%80", "/a#b", "/?a=%", "/\xff"}) {
    EXPECT_FALSE(parse_target(text)) << text;
  }
  std::string many = "/?";
  for (int i = 0; i < 100; ++i) many += "a=b&";
  EXPECT_FALSE(parse_target(many));
}

TEST(Base64, ComesBackForEveryLength) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(from_base64(base64(bytes)), bytes);
    bytes += static_cast<char>(i * 37);
  }
  EXPECT_EQ(base64("Man"), "TWFu");
  EXPECT_EQ(base64("Ma"), "TWE=");
  for (const char* bad : {"A", "A===", "AA-A", "TW=Fu"}) EXPECT_FALSE(from_base64(bad)) << bad;
  // Python's encoders break lines, and some clients drop the padding.
  for (const char* odd : {"TW\r\nFu\n", "TWFu"}) EXPECT_EQ(from_base64(odd), "Man") << odd;
  EXPECT_EQ(from_base64("TWE"), "Ma");
}

// --- who may ask

TEST(Origin, OwnNamesInAnyCaseAndWithAnyPortAreAllowed) {
  const HostRules rules = host_rules("192.168.1.5", {"Studio.Local", "fe80::1"});
  for (const char* host : {"localhost", "LOCALHOST:7860", "127.0.0.1", "127.0.0.1:1", "[::1]",
                           "[::1]:7860", "192.168.1.5:80", "studio.local", "[fe80::1]:7"}) {
    EXPECT_TRUE(host_allowed(host, rules)) << host;
  }
  for (const char* host :
       {"", "localhost.", "evil", "localhost:", "localhost:x", "localhost:999999", "::1", "[::1",
        "[::1]x", "127.0.0.2", "a@localhost", "localhost/", "0.0.0.0", "192.168.1.5.evil"}) {
    EXPECT_FALSE(host_allowed(host, rules)) << host;
  }
}

int status_of(Headers headers) {
  HttpRequest request = request_with(std::move(headers));
  HostRules rules = host_rules("127.0.0.1", {"pics.example.org"});
  rules.origins = {"https://app.example.org"};
  rules.public_origin = "https://pics.example.org:8443";
  if (const auto problem = check_host(request, rules)) return problem->status;
  const auto problem = check_origin(request, rules);
  return problem ? problem->status : 200;
}

TEST(Origin, ThoseNamedAtTheStartMayAskAndTheProxysOwnPageToo) {
  EXPECT_EQ(status_of({{"host", "localhost"}, {"origin", "https://App.example.org"}}), 200);
  EXPECT_EQ(status_of({{"host", "localhost"},
                       {"origin", "https://app.example.org"},
                       {"sec-fetch-site", "cross-site"}}),
            200);
  EXPECT_EQ(status_of({{"host", "localhost"}, {"origin", "https://pics.example.org:8443"}}), 200);
  for (const char* other : {"http://app.example.org", "https://app.example.org:1",
                            "https://app.example.org.evil", "https://evil.app.example.org"}) {
    EXPECT_EQ(status_of({{"host", "localhost"}, {"origin", other}}), 403) << other;
  }
}

TEST(WebAddresses, AreTakenApart) {
  const WebAddress address = parse_web_address("HTTPS://Pics.Example.org:8443/Easel/", "--x");
  EXPECT_EQ(address.origin, "https://pics.example.org:8443");
  EXPECT_EQ(address.name, "pics.example.org");
  EXPECT_EQ(address.text(), "https://pics.example.org:8443/Easel");
  EXPECT_EQ(parse_web_address("http://[::1]:80", "--x").name, "[::1]");
  for (const char* text : {"", "pics.example.org", "ftp://a", "http://", "http:///a", "http://a?b",
                           "http://a/b#c", "http://a b", "https://a:x"}) {
    EXPECT_THROW(parse_web_address(text, "--x"), Error) << text;
  }
}

TEST(SignedAddresses, HoldForTheirPathUntilTheyExpire) {
  const AddressSigner signer, other;
  const auto request = [](const std::string& path, const std::string& query) {
    HttpRequest asked;
    asked.path = path;
    asked.query = parse_target(path + "?" + query)->query;
    return asked;
  };
  const std::string query = signer.sign("/a/b.png", 1000);
  EXPECT_TRUE(signer.holds(request("/a/b.png", query), 999));
  EXPECT_TRUE(signer.holds(request("/a/b.png", query + "&more=1"), 999));
  EXPECT_FALSE(signer.holds(request("/a/b.png", query), 1000));
  EXPECT_FALSE(signer.holds(request("/a/c.png", query), 999));
  EXPECT_FALSE(other.holds(request("/a/b.png", query), 999));
  EXPECT_FALSE(signer.holds(request("/a/b.png", "expires=1000"), 999));
  EXPECT_FALSE(signer.holds(request("/a/b.png", "expires=2000" + query.substr(12)), 999));
  EXPECT_FALSE(signer.holds(request("/a/b.png", query.substr(0, query.size() - 1)), 999));
}

TEST(Origin, OnlyOwnPagesAndProgramsMayAsk) {
  EXPECT_EQ(status_of({{"host", "localhost:7860"}}), 200);
  EXPECT_EQ(status_of({{"host", "localhost:7860"}, {"origin", "http://localhost:7860"}}), 200);
  EXPECT_EQ(status_of({{"host", "localhost:7860"}, {"origin", "http://LOCALHOST:7860"}}), 200);
  EXPECT_EQ(status_of({{"host", "localhost"}, {"sec-fetch-site", "same-origin"}}), 200);
  EXPECT_EQ(status_of({{"host", "localhost"}, {"sec-fetch-site", "none"}}), 200);
  EXPECT_EQ(status_of({{"host", "localhost:7860"}, {"origin", "http://localhost:7861"}}), 403);
  EXPECT_EQ(status_of({{"host", "localhost:7860"}, {"origin", "http://127.0.0.1:7860"}}), 403);
  EXPECT_EQ(status_of({{"host", "localhost"}, {"origin", "null"}}), 403);
  EXPECT_EQ(status_of({{"host", "localhost"}, {"origin", ""}}), 403);
  EXPECT_EQ(status_of({{"host", "localhost"}, {"sec-fetch-site", "same-site"}}), 403);
  EXPECT_EQ(status_of({{"host", "localhost"}, {"sec-fetch-site", "cross-site"}}), 403);
  EXPECT_EQ(status_of({{"host", "evil.example"}, {"origin", "http://evil.example"}}), 421);
  EXPECT_EQ(status_of({}), 400);
  EXPECT_EQ(status_of({{"host", "localhost"}, {"host", "localhost"}}), 400);
  EXPECT_EQ(
      status_of({{"host", "localhost"}, {"origin", "http://localhost"}, {"origin", "http://evil"}}),
      400);
}

TEST(ContentType, FormsHaveNoPlace) {
  const auto status = [](Headers headers) {
    const auto problem = check_type(request_with(std::move(headers)), {"application/json"});
    return problem ? problem->status : 200;
  };
  EXPECT_EQ(status({{"content-type", "application/json"}}), 200);
  EXPECT_EQ(status({{"content-type", "Application/JSON ; charset=utf-8"}}), 200);
  for (const char* type :
       {"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
        "application/jsonx", "text/plain; application/json"}) {
    EXPECT_EQ(status({{"content-type", type}}), 415) << type;
  }
  EXPECT_EQ(status({}), 415);
  EXPECT_EQ(status({{"content-type", "application/json"}, {"content-type", "text/plain"}}), 415);
}

TEST(RateLimit, ABurstThenASteadyRateForEachKey) {
  RateLimit limit({.per_second = 10, .burst = 3});
  const auto start = RateLimit::Clock::time_point();
  const auto at = [&](int ms) { return start + std::chrono::milliseconds(ms); };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limit.take("a", at(0)), 0);
  EXPECT_NEAR(limit.take("a", at(0)), 0.1, 1e-6);
  EXPECT_EQ(limit.take("b", at(0)), 0);
  EXPECT_GT(limit.take("a", at(50)), 0);
  EXPECT_EQ(limit.take("a", at(100)), 0);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(limit.take("a", at(100'000)), 0) << "no more than the burst is saved";
  EXPECT_GT(limit.take("a", at(100'000)), 0);
}

// --- routes

TEST(Router, FindsByMethodAndShape) {
  Router router;
  for (const auto& [method, pattern] :
       std::vector<std::pair<std::string, std::string>>{{"GET", "/"},
                                                        {"GET", "/a"},
                                                        {"POST", "/a"},
                                                        {"GET", "/a/{id}"},
                                                        {"GET", "/a/facets"},
                                                        {"DELETE", "/a/{id}"},
                                                        {"POST", "/a/{id}/b"}}) {
    router.add({.method = method, .pattern = pattern});
  }
  const auto pattern = [&](const char* method, const char* path) {
    const Router::Match match = router.find(method, path);
    return match.route == nullptr ? "none, " + match.allow : match.route->pattern;
  };
  EXPECT_EQ(pattern("GET", "/"), "/");
  EXPECT_EQ(pattern("HEAD", "/a"), "/a");
  EXPECT_EQ(pattern("GET", "/a/x"), "/a/{id}");
  EXPECT_THAT(router.find("POST", "/a/x y/b").captures, ElementsAre("x y"));
  EXPECT_EQ(pattern("PUT", "/a"), "none, GET, HEAD, POST");
  for (const char* path :
       {"", "/b", "/a/", "/a//b", "/a/x/", "/a/x/b/", "//", "/a/x/c", "/a/x/b/c"}) {
    EXPECT_EQ(pattern("GET", path).substr(0, 4), "none") << path;
  }
}

TEST(Router, APathSpelledOutIsNeverTakenForAnId) {
  Router router;
  router.add({.method = "GET", .pattern = "/a/facets"});
  router.add({.method = "DELETE", .pattern = "/a/{id}"});
  const Router::Match match = router.find("DELETE", "/a/facets");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allow, "GET, HEAD");
}

TEST(StaticFiles, ThePageIsCompiledInWithItsTypes) {
  Router router;
  add_static_routes(router, std::nullopt);
  const auto get = [&](const std::string& path, Headers headers = {}) {
    const Router::Match match = router.find("GET", path);
    HttpResponse answer{.status = 404};
    if (match.route == nullptr) return answer;
    match.route->handler(std::make_shared<HttpRequest>(request_with(std::move(headers))),
                         [&](HttpResponse response) { answer = std::move(response); });
    return answer;
  };
  const HttpResponse page = get("/");
  EXPECT_EQ(page.type, "text/html; charset=utf-8");
  EXPECT_THAT(page.body, HasSubstr("<html"));
  const HttpResponse zipped = get("/", {{"accept-encoding", "gzip, br"}});
  EXPECT_LT(zipped.body.size(), page.body.size());
  EXPECT_THAT(zipped.headers, ::testing::Contains(::testing::Pair("Content-Encoding", "gzip")));
  int scripts = 0;
  for (const EmbeddedFile& file : embedded_files()) {
    if (!file.name.ends_with(".js") || !file.name.starts_with('/')) continue;
    ++scripts;
    EXPECT_EQ(get(std::string(file.name)).type, "text/javascript; charset=utf-8");
  }
  EXPECT_GT(scripts, 0);
  for (const char* path :
       {"/../openapi.json", "/openapi.json", "/js", "/js/", "/index.html/", "/INDEX.HTML"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
}

// --- bodies

TEST(Json, WhatIsNoneIsRefusedWithoutHarm) {
  const std::string deep(200'000, '[');
  for (const std::string& body :
       {std::string(), std::string("{"), std::string("{\"a\":1e999}"), std::string("\xff"),
        std::string("[]"), std::string("null"), deep, "{\"a\":" + deep}) {
    EXPECT_THROW(parse_object(body), ProblemError) << body.substr(0, 20);
  }
  EXPECT_EQ(parse_object(R"({"a":{"b":[1]}})")["a"]["b"][0], 1);
}

TEST(Problems, CarryFieldValueAndRangeAndNoLongValues) {
  const HttpResponse response =
      response_of({.status = 429,
                   .detail = "full",
                   .faults = {{"f", std::string(500, 'x') + "é", "1 to 2", "d"}},
                   .retry_after = 7});
  EXPECT_EQ(response.type, "application/problem+json");
  EXPECT_THAT(response.headers, ::testing::Contains(::testing::Pair("Retry-After", "7")));
  const Json json = Json::parse(response.body);
  EXPECT_EQ(json["status"], 429);
  EXPECT_EQ(json["field"], "f");
  EXPECT_EQ(json["allowed"], "1 to 2");
  EXPECT_LT(json["value"].get<std::string>().size(), 110u);
}

TEST(Problems, OurOwnErrorsBecomeStatuses) {
  const Problem faulty = problem_of(FaultsError({{.field = "a"}, {.field = "b"}}));
  EXPECT_EQ(faulty.status, 422);
  EXPECT_EQ(faulty.faults.size(), 2u);
  const auto status = [](ErrorCode code) { return problem_of(Error(code, "x")).status; };
  EXPECT_EQ(status(ErrorCode::kUsage), 422);
  EXPECT_EQ(status(ErrorCode::kNotFound), 404);
  EXPECT_EQ(status(ErrorCode::kNoSpace), 507);
  EXPECT_EQ(status(ErrorCode::kIo), 500);
  EXPECT_EQ(problem_of(std::bad_alloc()).status, 503);
}

}  // namespace
}  // namespace easel
