#include "http/gate.h"

#include <gmock/gmock.h>

#include "http/problem.h"

namespace easel {
namespace {

HttpResponse short_form(const Problem& problem) { return {.status = problem.status, .body = "no"}; }

class GateTest : public ::testing::Test {
 protected:
  Router router;
  Gate gate{router, {.hosts = host_rules("127.0.0.1", {}), .tokens = {}}};
  std::size_t limit = 0;

  GateTest() {
    router.tell_problems("/other/", short_form);
    router.add({.method = "POST",
                .pattern = "/jobs/{id}",
                .handler = nullptr,
                .body = BodyKind::kJson,
                .body_limit = 77,
                .submits = true});
  }
  static HttpRequest request(const std::string& method, const std::string& path) {
    HttpRequest asked;
    asked.method = method;
    asked.path = path;
    asked.headers = {{"host", "localhost"}};
    asked.loopback = true;
    return asked;
  }
};

TEST_F(GateTest, WhoGoesOnKnowsItsRouteAndOwner) {
  HttpRequest asked = request("POST", "/jobs/7");
  EXPECT_FALSE(gate.check(asked, limit));
  EXPECT_EQ(asked.route, &router.routes().front());
  EXPECT_THAT(asked.captures, ::testing::ElementsAre("7"));
  EXPECT_EQ(asked.owner, "local");
  EXPECT_EQ(limit, 77u);
}

TEST_F(GateTest, ARefusalIsToldInTheFormOfItsAddress) {
  HttpRequest own = request("GET", "/nothing");
  EXPECT_EQ(gate.check(own, limit)->type, "application/problem+json");
  HttpRequest other = request("GET", "/other/nothing");
  const auto refusal = gate.check(other, limit);
  EXPECT_EQ(refusal->status, 404);
  EXPECT_EQ(refusal->body, "no");
  EXPECT_EQ(other.tell({.status = 409}).body, "no");
}

TEST_F(GateTest, NothingNewIsStartedWhenTheServerStops) {
  gate.stop_submitting();
  HttpRequest asked = request("POST", "/jobs/7");
  EXPECT_EQ(gate.check(asked, limit)->status, 503);
}

}  // namespace
}  // namespace easel
