#include "weights/pickle.h"

#include <algorithm>

#include "weights/pickle_machine.h"

namespace easel {

Pickle Pickle::read(std::span<const std::byte> text, const std::string& file) {
  return PickleMachine(text, file).run();
}

std::int64_t Pickle::integer(Handle handle) const {
  const Value& value = values_[handle];
  return static_cast<std::int64_t>((static_cast<std::uint64_t>(value.b) << 32) | value.a);
}

std::string_view Pickle::text(Handle handle) const {
  const Value& value = values_[handle];
  return {reinterpret_cast<const char*>(text_.data()) + value.a, value.count};
}

std::string_view Pickle::type_name(Handle handle) const {
  return foreign_names_[values_[handle].a];
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
