#include "tokenizers/symbol_table.h"

#include <algorithm>
#include <bit>

namespace easel {
namespace {

std::size_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  return static_cast<std::size_t>(hash ^ (hash >> 32));
}

}  // namespace

SymbolTable::SymbolTable(std::size_t expected)
    : slots_(std::bit_ceil(std::max<std::size_t>(expected, 8) * 2), -1) {
  entries_.reserve(expected);
  text_.reserve(expected * 8);
}

std::size_t SymbolTable::slot_of(std::string_view symbol) const {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = hash_of(symbol) & mask;; slot = (slot + 1) & mask) {
    if (slots_[slot] < 0) return slot;
    const Entry& entry = entries_[static_cast<std::size_t>(slots_[slot])];
    if (std::string_view(text_).substr(entry.begin, entry.size) == symbol) return slot;
  }
}

void SymbolTable::add(std::string_view symbol, std::int32_t id) {
  if (entries_.size() * 2 >= slots_.size()) grow();
  largest_ = std::max(largest_, id);
  const std::size_t slot = slot_of(symbol);
  if (slots_[slot] >= 0) {
    entries_[static_cast<std::size_t>(slots_[slot])].id = id;
    return;
  }
  slots_[slot] = static_cast<std::int32_t>(entries_.size());
  entries_.push_back(
      {static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(symbol.size()), id});
  text_ += symbol;
}

void SymbolTable::grow() {
  slots_.assign(slots_.size() * 2, -1);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    slots_[slot_of(std::string_view(text_).substr(entry.begin, entry.size))] =
        static_cast<std::int32_t>(i);
  }
}

std::optional<std::int32_t> SymbolTable::find(std::string_view symbol) const {
  const std::int32_t entry = slots_[slot_of(symbol)];
  if (entry < 0) return std::nullopt;
  return entries_[static_cast<std::size_t>(entry)].id;
}

}  // namespace easel
