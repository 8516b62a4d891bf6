#include "http/router.h"

#include <optional>
#include <utility>

#include "http/problem.h"

namespace easel {
namespace {

std::string_view next_segment(std::string_view& rest) {
  const std::string_view segment = rest.substr(0, rest.find('/', 1));
  rest.remove_prefix(segment.size());
  return segment;
}

// The parts of the path that stand for {…}; nothing when it does not fit.
std::optional<std::vector<std::string>> fit(std::string_view pattern, std::string_view path) {
  std::vector<std::string> captures;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view want = next_segment(pattern);
    const std::string_view have = next_segment(path);
    if (want.starts_with("/{")) {
      if (have.size() < 2) return std::nullopt;
      captures.emplace_back(have.substr(1));
    } else if (want != have) {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return captures;
}

}  // namespace

void Router::add(Route route) { routes_.push_back(std::move(route)); }

void Router::tell_problems(std::string prefix, ProblemForm form) {
  forms_.emplace_back(std::move(prefix), form);
}

ProblemForm Router::form_for(std::string_view path) const {
  for (const auto& [prefix, form] : forms_) {
    if (path.starts_with(prefix)) return form;
  }
  return response_of;
}

Router::Match Router::find(std::string_view method, std::string_view path) const {
  Match match;
  bool literal = false;
  for (const Route& route : routes_) {
    auto captures = fit(route.pattern, path);
    // A path that is spelled out is never taken for a {…}: /pictures/facets is no picture.
    if (!captures || (literal && !captures->empty())) continue;
    literal |= captures->empty();
    if (route.method == method || (route.method == "GET" && method == "HEAD")) {
      return {&route, std::move(*captures), ""};
    }
    match.allow += (match.allow.empty() ? "" : ", ") + route.method;
    if (route.method == "GET") match.allow += ", HEAD";
  }
  return match;
}

}  // namespace easel
