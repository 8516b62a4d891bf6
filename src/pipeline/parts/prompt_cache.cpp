#include "pipeline/parts/prompt_cache.h"

#include <algorithm>
#include <iterator>

namespace easel {

const std::vector<float>* PromptCache::find(const std::string& prompt) {
  const auto it = std::ranges::find(entries_, prompt, &Entry::first);
  if (it == entries_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, it);
  return &entries_.front().second;
}

void PromptCache::put(const std::string& prompt, std::vector<float> encoding) {
  entries_.emplace_front(prompt, std::move(encoding));
  if (entries_.size() <= capacity_ + 1) return;
  auto last = std::prev(entries_.end());
  if (last->first.empty()) last = std::prev(last);
  entries_.erase(last);
}

}  // namespace easel
