#include "weights/formats/pickle.h"

#include <algorithm>
#include <cstring>

#include "weights/formats/pickle_machine.h"

namespace easel {

Pickle Pickle::read(ByteStream& text, const std::string& file) {
  return PickleMachine(text, file).run();
}

// REQUIRES: it fits a chunk
Pickle::Value Pickle::keep_text(std::span<const std::byte> bytes) {
  constexpr std::size_t kChunk = std::size_t{1} << kChunkBits;
  const std::size_t free = chunks_.size() * kChunk - kept_text_;
  if (bytes.size() > free) {
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(kChunk));
    kept_text_ = (chunks_.size() - 1) * kChunk;
  }
  const auto place = static_cast<std::uint32_t>(kept_text_);
  if (!bytes.empty()) {
    std::memcpy(chunks_.back().get() + kept_text_ % kChunk, bytes.data(), bytes.size());
  }
  kept_text_ += bytes.size();
  return {.kind = Kind::kString, .count = static_cast<std::uint32_t>(bytes.size()), .a = place};
}

std::int64_t Pickle::integer(Handle handle) const {
  const Value& value = values_[handle];
  return static_cast<std::int64_t>((static_cast<std::uint64_t>(value.b) << 32) | value.a);
}

std::string_view Pickle::text(Handle handle) const {
  const Value& value = values_[handle];
  if (value.count == 0) return {};
  const std::uint32_t in_chunk = value.a & ((1u << kChunkBits) - 1);
  return {chunks_[value.a >> kChunkBits].get() + in_chunk, value.count};
}

std::string_view Pickle::type_name(Handle handle) const {
  return foreign_names_[values_[handle].a];
}

std::string_view Pickle::maker(Handle handle) const {
  const std::uint32_t maker = values_[handle].a;
  return maker == 0 ? std::string_view() : std::string_view(foreign_names_[maker - 1]);
}

std::optional<Pickle::Handle> Pickle::state(Handle handle) const {
  const Handle state = values_[handle].b;
  return kind(state) == Kind::kNone ? std::nullopt : std::optional(state);
}

const Pickle::StorageView& Pickle::storage_view(Handle handle) const {
  return storage_views_[values_[handle].a];
}

std::vector<Pickle::Handle> Pickle::items(Handle handle, std::size_t limit) const {
  std::vector<Handle> out;
  std::uint32_t link = values_[handle].a;
  const std::size_t count = std::min<std::size_t>(values_[handle].count, limit);
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(links_[link].item);
    link = links_[link].next;
  }
  return out;
}

}  // namespace easel
