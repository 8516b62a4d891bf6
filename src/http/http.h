#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace easel {

class EventStream;
struct Problem;
struct HttpResponse;
struct Route;

/// How the clients of an API are told of a problem.
using ProblemForm = HttpResponse (*)(const Problem&);

/// Headers as they came, names in lower case.
using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method;
  std::string target;                                      ///< as it came
  std::string path;                                        ///< decoded
  std::vector<std::pair<std::string, std::string>> query;  ///< decoded
  Headers headers;
  std::string body;
  std::string peer;       ///< address, without the port
  bool loopback = false;  ///< from this computer
  std::string owner;      ///< whose limits and keys: a token's name, or "local"
  std::string client;     ///< who takes turns
  std::string reader;     ///< origin of another site's page that may read the answer; empty: none
  bool signed_address = false;  ///< an address signed by this server, not expired

  // Found at the gate, once a request.
  const Route* route = nullptr;
  std::vector<std::string> captures;  ///< what stood for {…} of the route
  ProblemForm tell = nullptr;         ///< how its client is told of problems

  /// The header's value; null when it is absent. Name in lower case.
  const std::string* header(std::string_view name) const;
  /// How often the header occurs.
  int header_count(std::string_view name) const;
  /// The parameter's value; null when it is absent.
  const std::string* parameter(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string type = {};  ///< Content-Type; empty: none
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  /// Instead of a body: events until it ends.
  std::shared_ptr<EventStream> events = nullptr;
  bool close = false;  ///< the connection, afterwards
};

/// Answers a request; to be called once, on the loop's thread, at any time.
using Respond = std::function<void(HttpResponse)>;

/// What an HTTP listener asks of the program.
struct HttpHandler {
  /// With the header read: a refusal, or nothing and the body is read up to `body_limit`.
  std::function<std::optional<HttpResponse>(HttpRequest&, std::size_t& body_limit)> gate;
  /// With the body read.
  std::function<void(const std::shared_ptr<HttpRequest>&, const Respond&)> handle;
  /// A refusal of something that is no HTTP, or breaks a limit.
  std::function<HttpResponse(int status, const std::string& detail)> refuse;
};

}  // namespace easel
