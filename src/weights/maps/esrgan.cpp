#include "weights/maps/esrgan.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "core/error.h"
#include "weights/containers.h"
#include "weights/file.h"

namespace easel {
namespace {

constexpr int kMaxContainers = 4;
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

bool has_network_names(const Weights& weights) {
  const auto has = [&](std::string_view name) { return weights.contains(name); };
  if (has("conv_first.weight") && has("conv_last.weight")) {
    return has("body.0.rdb1.conv1.weight") || has("RRDB_trunk.0.RDB1.conv1.weight");
  }
  if (has("model.0.weight") && has("model.1.sub.0.RDB1.conv1.0.weight")) return true;
  return has("body.0.weight") && has("body.1.weight") && has("body.2.weight") &&
         !has("conv_first.weight");
}

// The first component of names that is the best to look behind: a trainer's name for a network, or
// the one that all names begin with.
std::optional<std::string> outermost_container(const Weights& weights) {
  std::map<std::string, std::size_t, std::less<>> sizes;
  std::size_t most = 0;
  for (const auto& [name, entry] : weights.entries()) {
    const std::size_t dot = name.find('.');
    if (dot != std::string::npos) most = std::max(most, ++sizes[name.substr(0, dot)]);
  }
  std::optional<std::string> best;
  for (const auto& [name, size] : sizes) {
    const Container container = container_named(name);
    if (container.kind == ContainerKind::kOther) continue;
    if (container.kind == ContainerKind::kAveraged && 2 * size < most) continue;
    if (!best || better(container, container_named(*best))) best = name;
  }
  if (!best && sizes.size() == 1 && most == weights.entries().size()) best = sizes.begin()->first;
  return best;
}

// The tensors of the network, without what trainers put before their names; the weights themselves
// where no network is found behind that.
Weights without_containers(const Weights& weights) {
  Weights inner = weights;
  std::string path;
  for (int level = 0; level < kMaxContainers && !has_network_names(inner); ++level) {
    const std::optional<std::string> container = outermost_container(inner);
    if (!container) return weights;
    const std::string prefix = *container + ".";
    path += prefix;
    inner = rename(inner, [&](std::string_view name) {
      return name.starts_with(prefix) ? std::string(name.substr(prefix.size())) : std::string();
    });
  }
  if (path.empty() || !has_network_names(inner)) return weights;
  std::vector<std::string> notes = inner.notes();
  notes.push_back(fmt::format("what lies under '{}' is read", printable(path)));
  return {inner.format(), inner.entries(), std::move(notes), inner.details()};
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
      const std::string plus = std::to_string(part) + ".conv1x1";
      table.add("model.1.sub." + index + ".RDB" + plus, "body." + index + ".rdb" + plus);
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

bool holds_esrgan(const Weights& weights) { return has_network_names(without_containers(weights)); }

Weights with_basicsr_names(const Weights& weights) {
  const Weights plain = without_containers(weights);
  if (plain.contains_prefix("RRDB_trunk.")) return rename(plain, repository_table(plain));
  if (plain.contains_prefix("model.1.sub.")) return rename(plain, numbered_table(plain));
  return plain;
}

}  // namespace easel
