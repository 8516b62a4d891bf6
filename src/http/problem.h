#pragma once

#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/json.h"
#include "http/http.h"

namespace easel {

/// One thing wrong with a request.
struct Fault {
  std::string field;     ///< the field, parameter or header; empty: the whole
  Json value = nullptr;  ///< what was sent
  std::string allowed;   ///< what would be taken: "1 to 1000"
  std::string detail;    ///< one line
};

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
/// 422 with one fault.
[[noreturn]] void refuse_field(Fault fault);

/// What an exception means to a client: ProblemError as it is, Error by its code, others 500.
Problem problem_of(const std::exception_ptr& error);
Problem problem_of(const std::exception& error);

/// Long values are cut to 100 characters.
Json to_json(const Problem& problem);
HttpResponse response_of(const Problem& problem);
HttpResponse json_response(const Json& body, int status = 200);

/// A value for a message: JSON, cut to 100 characters.
std::string shown(const Json& value);

}  // namespace easel
