#include "http/problem.h"

#include <algorithm>
#include <new>
#include <span>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"

namespace easel {
namespace {

constexpr int kMostDepth = 32;
constexpr std::size_t kMostFaults = 100;

struct ProblemKind {
  int status;
  const char* type;
  const char* title;
};

constexpr ProblemKind kKinds[] = {
    {400, "bad-request", "the request cannot be read"},
    {401, "token-needed", "a token is needed"},
    {403, "forbidden", "not from there"},
    {404, "not-found", "there is no such thing"},
    {405, "method-not-allowed", "not that way"},
    {408, "too-slow", "the request took too long"},
    {409, "conflict", "not now"},
    {410, "gone", "it has gone"},
    {411, "length-needed", "a length is needed"},
    {413, "too-large", "too large"},
    {415, "wrong-type", "another type is wanted"},
    {421, "wrong-host", "this server does not go by that name"},
    {422, "invalid-request", "a field is wrong"},
    {429, "queue-full", "too much at once"},
    {431, "header-too-large", "the header is too large"},
    {500, "internal", "a fault of easel's own"},
    {503, "unavailable", "not now"},
    {507, "storage_full", "the disk is full"},
};

const ProblemKind& kind_of(int status) {
  for (const ProblemKind& kind : kKinds) {
    if (kind.status == status) return kind;
  }
  return kKinds[0];
}

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUsage:
    case ErrorCode::kInvalidFile:
    case ErrorCode::kWrongModel:
    case ErrorCode::kUnsupported:
    case ErrorCode::kNoMemory:
      return 422;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kNoSpace:
      return 507;
    case ErrorCode::kCancelled:
      return 409;
    case ErrorCode::kIo:
    case ErrorCode::kNetwork:
      return 500;
  }
  return 500;
}

}  // namespace

void refuse(int status, const std::string& detail) {
  throw ProblemError({.status = status, .detail = detail});
}

Problem problem_of(const std::exception& error) {
  if (const auto* problem = dynamic_cast<const ProblemError*>(&error)) return problem->problem();
  if (const auto* faulty = dynamic_cast<const FaultsError*>(&error)) {
    return {.status = 422, .detail = faulty->what(), .faults = faulty->faults()};
  }
  if (const auto* own = dynamic_cast<const easel::Error*>(&error)) {
    Problem problem{.status = status_of(own->code()), .detail = own->what()};
    if (own->code() == ErrorCode::kNoSpace) problem.retry_after = 30;
    return problem;
  }
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) {
    return {.status = 503, .detail = "out of memory", .retry_after = 30};
  }
  return {.status = 500, .detail = error.what()};
}

Problem problem_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& known) {
    return problem_of(known);
  } catch (...) {
    return {.status = 500, .detail = "something that is no exception was thrown"};
  }
}

Json to_json(const Problem& problem) {
  const ProblemKind& kind = kind_of(problem.status);
  Json json = {{"type", "easel:" + (problem.type.empty() ? kind.type : problem.type)},
               {"title", kind.title},
               {"status", problem.status},
               {"detail", problem.detail}};
  if (problem.retry_after) json["retry_after"] = *problem.retry_after;
  if (problem.faults.empty()) return json;
  const Fault& first = problem.faults.front();
  json["field"] = first.field;
  json["value"] = cut_short(first.value);
  json["allowed"] = first.allowed;
  for (const Fault& fault :
       std::span(problem.faults).first(std::min(problem.faults.size(), kMostFaults))) {
    json["errors"].push_back({{"field", fault.field},
                              {"value", cut_short(fault.value)},
                              {"allowed", fault.allowed},
                              {"detail", fault.detail}});
  }
  return json;
}

Json parse_object(std::string_view body) {
  if (!is_utf8(body)) refuse(400, "the body is not UTF-8");
  Json json;
  try {
    json = Json::parse(body, {.depth = kMostDepth});
  } catch (const Error& error) {
    refuse(400, std::string("the body is not JSON: ") + error.what());
  }
  if (!json.is_object()) {
    const std::string detail = std::string("the body is ") + json.type_name() + ", not an object";
    throw ProblemError(
        {.status = 422,
         .detail = detail,
         .faults = {{.field = "", .value = json, .allowed = "an object", .detail = detail}}});
  }
  return json;
}

HttpResponse json_response(const Json& body, int status) {
  // What is not UTF-8 (a file's old name, say) must not cost the whole answer.
  return {.status = status, .type = "application/json", .body = body.dump()};
}

HttpResponse response_of(const Problem& problem) {
  HttpResponse response = json_response(to_json(problem), problem.status);
  response.type = "application/problem+json";
  if (problem.retry_after) {
    response.headers.emplace_back("Retry-After", std::to_string(*problem.retry_after));
  }
  if (problem.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

}  // namespace easel
