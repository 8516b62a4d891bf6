#include "weights/scope.h"

#include <algorithm>

#include "core/error.h"

namespace easel {
namespace {

bool equal_up_to_trailing_ones(const Shape& a, const Shape& b) {
  const int rank = std::max(a.rank(), b.rank());
  for (int i = 0; i < rank; ++i) {
    const std::int64_t da = i < a.rank() ? a[i] : 1;
    const std::int64_t db = i < b.rank() ? b[i] : 1;
    if (da != db) return false;
  }
  return true;
}

}  // namespace

Scope::Scope(const Weights& weights)
    : Scope(weights, std::make_shared<std::set<std::string, std::less<>>>(), "") {}

Scope::Scope(const Weights& weights, std::shared_ptr<std::set<std::string, std::less<>>> taken,
             std::string path)
    : weights_(&weights), taken_(std::move(taken)), path_(std::move(path)) {}

Scope Scope::imagined(std::uint64_t seed, std::vector<NamedShape>* record) {
  static const Weights kNothing(WeightsFormat::kMemory, {});
  Scope scope(kNothing);
  scope.imagined_ = seed;
  scope.record_ = record;
  return scope;
}

Scope Scope::operator/(std::string_view name) const {
  Scope below = *this;
  below.path_ = key(name);
  return below;
}

Scope Scope::operator/(int index) const { return *this / std::to_string(index); }

std::string Scope::key(std::string_view leaf) const {
  return path_.empty() ? std::string(leaf) : path_ + "." + std::string(leaf);
}

bool Scope::has(std::string_view leaf) const { return weights_->contains(key(leaf)); }

bool Scope::has_scope(std::string_view name) const {
  return weights_->contains_prefix(key(name) + ".");
}

const Shape& Scope::shape_of(std::string_view leaf) const {
  const Weights::Entry* entry = weights_->find(key(leaf));
  if (entry == nullptr) fail(ErrorCode::kWrongModel, "the tensor '{}' is missing", key(leaf));
  return entry->source.shape;
}

std::int64_t Scope::parameters() const {
  const std::string prefix = path_.empty() ? "" : path_ + ".";
  const auto& entries = weights_->entries();
  std::int64_t total = 0;
  for (auto it = entries.lower_bound(prefix); it != entries.end() && it->first.starts_with(prefix);
       ++it) {
    total += it->second.source.shape.elements();
  }
  return total;
}

TensorSource Scope::take(std::string_view leaf, const Shape& expected) const {
  const std::string name = key(leaf);
  if (imagined_) {
    if (record_ != nullptr) record_->push_back({.name = name, .shape = expected});
    return make_random_source({.name = name, .shape = expected}, *imagined_);
  }
  const Weights::Entry* entry = weights_->find(name);
  if (entry == nullptr) {
    fail(ErrorCode::kWrongModel, "the tensor '{}' is missing, wanted with shape {}", name,
         expected.text());
  }
  if (!equal_up_to_trailing_ones(entry->source.shape, expected)) {
    fail(ErrorCode::kWrongModel, "the tensor '{}' has shape {}, wanted {}", name,
         entry->source.shape.text(), expected.text());
  }
  taken_->insert(name);
  TensorSource source = entry->source;
  source.shape = expected;
  return source;
}

void Scope::ignore(std::string_view leaf) const {
  const std::string name = key(leaf);
  if (!name.ends_with('.')) {
    taken_->insert(name);
    return;
  }
  const auto& entries = weights_->entries();
  for (auto it = entries.lower_bound(name); it != entries.end() && it->first.starts_with(name);
       ++it) {
    taken_->insert(it->first);
  }
}

void Scope::require_all_taken() const {
  const std::string prefix = path_.empty() ? "" : path_ + ".";
  const auto& entries = weights_->entries();
  for (auto it = entries.lower_bound(prefix); it != entries.end() && it->first.starts_with(prefix);
       ++it) {
    if (!taken_->contains(it->first)) {
      fail(ErrorCode::kWrongModel, "the tensor '{}' {} is not part of this model", it->first,
           it->second.source.shape.text());
    }
  }
}

}  // namespace easel
