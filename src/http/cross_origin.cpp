#include "http/cross_origin.h"

namespace easel {
namespace {

constexpr const char* kHeaders =
    "Authorization, Content-Type, Easel-Client, Idempotency-Key, If-None-Match, Last-Event-ID";

}  // namespace

std::optional<HttpResponse> preflight(const HttpRequest& request, const std::string& allow) {
  if (request.method != "OPTIONS" || request.reader.empty() || allow.empty() ||
      request.header("access-control-request-method") == nullptr) {
    return std::nullopt;
  }
  // Clients' own headers (x-stainless-os …) change nothing here, so whatever is asked for may come.
  const std::string* asked = request.header("access-control-request-headers");
  HttpResponse response{.status = 204};
  response.headers = {{"Access-Control-Allow-Methods", allow},
                      {"Access-Control-Allow-Headers", asked == nullptr ? kHeaders : *asked},
                      {"Access-Control-Max-Age", "600"}};
  if (request.header("access-control-request-private-network") != nullptr) {
    response.headers.emplace_back("Access-Control-Allow-Private-Network", "true");
  }
  return response;
}

void let_read(const HttpRequest& request, HttpResponse& response) {
  if (request.reader.empty() && !request.signed_address) return;
  response.headers.emplace_back("Cross-Origin-Resource-Policy", "cross-origin");
  if (request.reader.empty()) return;
  response.headers.emplace_back("Access-Control-Allow-Origin", request.reader);
  response.headers.emplace_back("Access-Control-Expose-Headers", "Retry-After, Location");
  response.headers.emplace_back("Vary", "Origin, Accept-Encoding");
}

}  // namespace easel
