#pragma once

#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/json_fields.h"
#include "http/http.h"

namespace easel {

/// An error as RFC 9457 tells it.
struct Problem {
  int status = 400;
  std::string type;  ///< "invalid-request"; empty: by the status
  std::string detail;
  std::vector<Fault> faults = {};
  std::optional<int> retry_after = {};  ///< seconds
};

/// Thrown by whatever answers a request.
class ProblemError : public std::runtime_error {
 public:
  explicit ProblemError(Problem problem)
      : std::runtime_error(problem.detail), problem_(std::move(problem)) {}
  const Problem& problem() const { return problem_; }

 private:
  Problem problem_;
};

[[noreturn]] void refuse(int status, const std::string& detail);
/// What an exception means to a client: ProblemError as it is, FaultsError 422 with its faults,
/// Error by its code, others 500.
Problem problem_of(const std::exception_ptr& error);
Problem problem_of(const std::exception& error);

/// Long values are cut to 100 characters; of many faults the first 100 are told.
Json to_json(const Problem& problem);
HttpResponse response_of(const Problem& problem);
HttpResponse json_response(const Json& body, int status = 200);

/// Reads a body as one JSON object. Throws 400 for what is no JSON, is nested deeper than 32, or is
/// not UTF-8; 422 for another kind of value.
Json parse_object(std::string_view body);

}  // namespace easel
