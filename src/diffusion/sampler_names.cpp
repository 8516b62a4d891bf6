#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "core/edit_distance.h"
#include "core/error.h"
#include "diffusion/names.h"
#include "diffusion/samplers.h"

namespace easel {
namespace {

std::vector<std::string_view> names_of(const Sampler& sampler) {
  std::vector<std::string_view> names{sampler.id, sampler.name};
  names.insert(names.end(), sampler.aliases.begin(), sampler.aliases.end());
  return names;
}

[[noreturn]] void fail_unknown(std::string_view name) {
  constexpr std::size_t kShown = 60;  // a name from a web request can be a book
  const std::string wanted = plain_name(name.substr(0, kShown));
  const Sampler* nearest = nullptr;
  std::size_t best = 0;
  std::string all;
  for (const Sampler& sampler : samplers()) {
    for (const auto known : names_of(sampler)) {
      const std::size_t distance = edit_distance(wanted, plain_name(known));
      if (nearest != nullptr && distance >= best) continue;
      nearest = &sampler;
      best = distance;
    }
    all += all.empty() ? "" : ", ";
    all += sampler.id;
  }
  fail(ErrorCode::kUsage, "there is no sampler \"{}\": did you mean {}? (known: {})",
       name.substr(0, kShown), nearest->id, all);
}

}  // namespace

const Sampler& find_sampler(std::string_view name) {
  const std::string wanted = plain_name(name);
  for (const Sampler& sampler : samplers()) {
    for (const auto known : names_of(sampler)) {
      if (plain_name(known) == wanted) return sampler;
    }
  }
  fail_unknown(name);
}

std::string samplers_that_take_eta() {
  std::vector<std::string_view> ids;
  for (const Sampler& sampler : samplers()) {
    if (sampler.takes_eta) ids.push_back(sampler.id);
  }
  return fmt::format("{} and {}", fmt::join(ids.begin(), ids.end() - 1, ", "), ids.back());
}

}  // namespace easel
