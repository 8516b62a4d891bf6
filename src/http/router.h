#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/http.h"

namespace easel {

using RequestPtr = std::shared_ptr<HttpRequest>;
/// Answers at once, or later through `respond`. May throw before it has.
using Handler = std::function<void(const RequestPtr& request, const Respond& respond)>;

enum class Access {
  kPublic,     ///< needs no token: the page's files, /healthz
  kProtected,  ///< needs the token where there is one
};

/// What a body may be.
enum class BodyKind { kNone, kJson, kPicture, kForm };

struct Route {
  std::string method;   ///< GET also answers HEAD
  std::string pattern;  ///< "/api/v1/jobs/{id}"
  Handler handler;
  Access access = Access::kProtected;
  BodyKind body = BodyKind::kNone;
  std::size_t body_limit = 1 << 20;
  bool submits = false;   ///< counts against the rate of submitting
  bool signable = false;  ///< a signed address stands for the token (http/address_signer.h)
  /// What other servers of this dialect do here and this one does not: the request is refused with
  /// this line, 404, before its body is read. Empty: it is answered.
  std::string not_offered = {};
};

/// The table of everything that can be asked for. Nothing else is reachable.
class Router {
 public:
  void add(Route route);
  /// Problems of all that is below `prefix` ("/v1/") are told in `form`; of the rest as RFC 9457
  /// does.
  void tell_problems(std::string prefix, ProblemForm form);

  struct Match {
    const Route* route = nullptr;
    std::vector<std::string> captures;
    std::string allow;  ///< the path exists, with other methods: those
  };
  Match find(std::string_view method, std::string_view path) const;

  ProblemForm form_for(std::string_view path) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
  std::vector<std::pair<std::string, ProblemForm>> forms_;
};

}  // namespace easel
