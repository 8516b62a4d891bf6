// Normal draws: a safetensors file with tensors "seedS.AxBxC" = torch.manual_seed(S);
// torch.randn(A, B, C).

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <regex>

#include "core/rng.h"
#include "form.h"
#include "support/compare.h"
#include "support/expected.h"

namespace easel::parity {
namespace {

namespace fs = std::filesystem;

bool are_draws(const fs::path& file) {
  if (file.extension() != ".safetensors") return false;
  const auto tensors = testing::read_safetensors(file);
  return !tensors.empty() && std::ranges::all_of(tensors, [](const auto& entry) {
    return std::regex_match(entry.first, std::regex(R"(seed\d+\.\d+(x\d+)*)"));
  });
}

bool recognises(const fs::path& folder) {
  return std::ranges::any_of(fs::directory_iterator(folder),
                             [](const auto& entry) { return are_draws(entry.path()); });
}

std::vector<Case> cases(const fs::path& folder) {
  std::vector<Case> all;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (!are_draws(entry.path())) continue;
    const auto expected = std::make_shared<testing::Expected>(entry.path());
    for (const auto& [name, tensor] : expected->tensors()) {
      all.push_back({name, [expected, name] {
                       const auto& wanted = expected->at(name).values;
                       std::vector<float> values(wanted.size());
                       TorchCpuRng(std::stoull(name.substr(4))).normal(values);
                       EXPECT_LE(testing::largest_difference(values, wanted),
                                 expected->tolerance("random"));
                     }});
    }
  }
  return all;
}

}  // namespace

FixtureForm rng_form() { return {"draws of torch's generator", recognises, cases}; }

}  // namespace easel::parity
