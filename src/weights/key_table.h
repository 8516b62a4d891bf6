#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace easel {

/// One module and its name elsewhere; whole components of a dotted name ("resnets.0", not "resn").
struct Renamed {
  std::string_view from;
  std::string_view to;
};

/// A table of renamed modules: the longest entry that begins a tensor's name is replaced, then,
/// where the entry has a table of its own, the longest of that which begins the rest. Names without
/// an entry stay as they are.
class KeyTable {
 public:
  /// `parts` outlives the table.
  void add(std::string from, std::string to, std::span<const Renamed> parts = {});
  std::string operator()(std::string_view name) const;

 private:
  struct Target {
    std::string to;
    std::span<const Renamed> parts;
  };
  std::map<std::string, Target, std::less<>> targets_;
};

}  // namespace easel
