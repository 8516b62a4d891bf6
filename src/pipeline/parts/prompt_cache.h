#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <utility>
#include <vector>

namespace easel {

/// The encodings of the prompts used last; that of the empty prompt is never dropped.
class PromptCache {
 public:
  explicit PromptCache(std::size_t capacity) : capacity_(capacity) {}

  /// Null when it is not there. Valid until the next put().
  const std::vector<float>* find(const std::string& prompt);
  void put(const std::string& prompt, std::vector<float> encoding);
  void clear() { entries_.clear(); }

 private:
  using Entry = std::pair<std::string, std::vector<float>>;
  std::size_t capacity_;
  std::list<Entry> entries_;  // used last first
};

}  // namespace easel
