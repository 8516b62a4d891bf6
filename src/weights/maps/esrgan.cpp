#include "weights/maps/esrgan.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <vector>

namespace easel {
namespace {

constexpr std::string_view kModule = "module.";
constexpr int kBlockParts = 3;  // dense blocks in a residual-in-residual block
constexpr int kConvolutions = 5;

constexpr Renamed kRepository[] = {
    {"trunk_conv", "conv_body"},
    {"upconv1", "conv_up1"},
    {"upconv2", "conv_up2"},
    {"HRconv", "conv_hr"},
};
constexpr Renamed kRepositoryBlock[] = {{"RDB1", "rdb1"}, {"RDB2", "rdb2"}, {"RDB3", "rdb3"}};

// The numbers n for which a tensor's name begins with PREFIX n '.'.
std::set<int> numbers_after(const Weights& weights, std::string_view prefix) {
  std::set<int> numbers;
  const auto& entries = weights.entries();
  for (auto it = entries.lower_bound(prefix); it != entries.end() && it->first.starts_with(prefix);
       ++it) {
    const char* begin = it->first.data() + prefix.size();
    const char* end = it->first.data() + it->first.size();
    int number = 0;
    const auto parsed = std::from_chars(begin, end, number);
    if (parsed.ec == std::errc{} && parsed.ptr != end && *parsed.ptr == '.') numbers.insert(number);
  }
  return numbers;
}

Weights without_module(const Weights& weights) {
  const auto& entries = weights.entries();
  const bool all = !entries.empty() && std::all_of(entries.begin(), entries.end(), [](auto& entry) {
    return entry.first.starts_with(kModule);
  });
  if (!all) return weights;
  return rename(weights,
                [](std::string_view name) { return std::string(name.substr(kModule.size())); });
}

// The first RRDBNet was one nn.Sequential: 0 the first convolution, 1 the trunk, then an upsampling
// convolution at 3, 6, … each, and at the end HR and last with an activation between.
KeyTable numbered_table(const Weights& weights) {
  KeyTable table;
  table.add("model.0", "conv_first");
  for (const int block : numbers_after(weights, "model.1.sub.")) {
    const std::string index = std::to_string(block);
    if (!weights.contains_prefix("model.1.sub." + index + ".RDB1.")) {
      table.add("model.1.sub." + index, "conv_body");
      continue;
    }
    for (int part = 1; part <= kBlockParts; ++part) {
      for (int convolution = 1; convolution <= kConvolutions; ++convolution) {
        const std::string tail = std::to_string(part) + ".conv" + std::to_string(convolution);
        table.add("model.1.sub." + index + ".RDB" + tail + ".0", "body." + index + ".rdb" + tail);
      }
    }
  }
  std::set<int> numbers = numbers_after(weights, "model.");
  numbers.erase(0);
  numbers.erase(1);
  const std::vector<int> after(numbers.begin(), numbers.end());
  for (std::size_t i = 0; i < after.size(); ++i) {
    const std::size_t left = after.size() - i;
    const std::string to = left == 1   ? "conv_last"
                           : left == 2 ? "conv_hr"
                                       : "conv_up" + std::to_string(i + 1);
    table.add("model." + std::to_string(after[i]), to);
  }
  return table;
}

KeyTable repository_table(const Weights& weights) {
  KeyTable table;
  for (const Renamed& entry : kRepository) {
    table.add(std::string(entry.from), std::string(entry.to));
  }
  for (const int block : numbers_after(weights, "RRDB_trunk.")) {
    const std::string index = std::to_string(block);
    table.add("RRDB_trunk." + index, "body." + index, kRepositoryBlock);
  }
  return table;
}

}  // namespace

Weights with_basicsr_names(const Weights& weights) {
  const Weights plain = without_module(weights);
  if (plain.contains_prefix("RRDB_trunk.")) return rename(plain, repository_table(plain));
  if (plain.contains_prefix("model.1.sub.")) return rename(plain, numbered_table(plain));
  return plain;
}

}  // namespace easel
