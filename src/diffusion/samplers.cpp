#include "diffusion/samplers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "core/error.h"

namespace easel {
namespace {

const std::array kSamplers{
    Sampler{.id = "ddim",
            .name = "DDIM",
            .aliases = {},
            .description = "latent-diffusion's first: one evaluation a step, --eta adds noise",
            .run = ddim,
            .takes_eta = true},
    Sampler{.id = "plms",
            .name = "PLMS",
            .aliases = {"pndm"},
            .description = "latent-diffusion's --plms: DDIM with a memory of four steps",
            .run = plms},
    Sampler{.id = "euler",
            .name = "Euler",
            .aliases = {"k_euler"},
            .description = "the plainest: straight lines, one evaluation a step",
            .run = euler},
    Sampler{.id = "euler-a",
            .name = "Euler a",
            .aliases = {"k_euler_a", "euler_ancestral", "k_euler_ancestral"},
            .description = "Euler with fresh noise at each step: never settles, often livelier",
            .run = euler_ancestral,
            .default_eta = 1,
            .takes_eta = true},
    Sampler{.id = "heun",
            .name = "Heun",
            .aliases = {"k_heun"},
            .description = "two evaluations a step, second order: half the steps for the same time",
            .run = heun},
    Sampler{.id = "dpmpp-2m",
            .name = "DPM++ 2M",
            .aliases = {"dpm++2m", "k_dpmpp_2m", "dpmpp", "dpm++"},
            .description = "one evaluation a step, second order: good from 15 steps",
            .run = dpm_solver_pp_2m},
    Sampler{.id = "dpmpp-2m-karras",
            .name = "DPM++ 2M Karras",
            .aliases = {"dpm++2mkarras", "k_dpmpp_2m_ka"},
            .description = "the same with more steps where the noise is low",
            .run = dpm_solver_pp_2m,
            .spacing = SigmaSpacing::kKarras},
    Sampler{.id = "unipc",
            .name = "UniPC",
            .aliases = {"uni_pc", "unipc_2", "uni_pc_bh2"},
            .description = "predicts and corrects with one evaluation a step: good from 10 steps",
            .run = unipc_2},
    Sampler{.id = "unipc-3",
            .name = "UniPC 3",
            .aliases = {},
            .description = "UniPC of one order more: for many steps and low scales",
            .run = unipc_3},
};

// "DPM++ 2M" and "dpm++_2m" are the same name.
std::string plain(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == ' ' || c == '-' || c == '_') continue;
    out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return out;
}

// Levenshtein's distance, row by row.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t k = 0; k < b.size(); ++k) {
      const std::size_t replaced = diagonal + (a[i] == b[k] ? 0 : 1);
      diagonal = row[k + 1];
      row[k + 1] = std::min({replaced, row[k + 1] + 1, row[k] + 1});
    }
  }
  return row[b.size()];
}

std::vector<std::string_view> names_of(const Sampler& sampler) {
  std::vector<std::string_view> names{sampler.id, sampler.name};
  names.insert(names.end(), sampler.aliases.begin(), sampler.aliases.end());
  return names;
}

[[noreturn]] void fail_unknown(std::string_view name) {
  constexpr std::size_t kShown = 60;  // a name from a web request can be a book
  const std::string wanted = plain(name.substr(0, kShown));
  const Sampler* nearest = nullptr;
  std::size_t best = 0;
  std::string all;
  for (const Sampler& sampler : kSamplers) {
    for (const auto known : names_of(sampler)) {
      const std::size_t distance = edit_distance(wanted, plain(known));
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

std::span<const Sampler> samplers() { return kSamplers; }

const Sampler& find_sampler(std::string_view name) {
  const std::string wanted = plain(name);
  for (const Sampler& sampler : kSamplers) {
    for (const auto known : names_of(sampler)) {
      if (plain(known) == wanted) return sampler;
    }
  }
  fail_unknown(name);
}

std::string samplers_that_take_eta() {
  std::vector<std::string_view> ids;
  for (const Sampler& sampler : kSamplers) {
    if (sampler.takes_eta) ids.push_back(sampler.id);
  }
  return fmt::format("{} and {}", fmt::join(ids.begin(), ids.end() - 1, ", "), ids.back());
}

}  // namespace easel
