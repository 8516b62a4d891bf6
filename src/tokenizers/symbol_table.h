#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace easel {

/// Symbols of a vocabulary to their ids: 50,000 texts of a few bytes in two blocks of memory, since
/// a vocabulary is read anew each time the program starts.
class SymbolTable {
 public:
  explicit SymbolTable(std::size_t expected);

  /// Of a symbol that is added twice the later id counts.
  void add(std::string_view symbol, std::int32_t id);
  std::optional<std::int32_t> find(std::string_view symbol) const;
  std::size_t size() const { return entries_.size(); }
  std::int32_t largest_id() const { return largest_; }  ///< -1: empty

 private:
  struct Entry {
    std::uint32_t begin, size;  // in text_
    std::int32_t id;
  };
  // The slot of the symbol, or the free one where it belongs.
  std::size_t slot_of(std::string_view symbol) const;
  void grow();

  std::string text_;
  std::vector<Entry> entries_;
  std::vector<std::int32_t>
      slots_;  // of entries_; -1: free; a power of two, at most half of it used
  std::int32_t largest_ = -1;
};

}  // namespace easel
