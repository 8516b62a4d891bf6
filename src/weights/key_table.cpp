#include "weights/key_table.h"

namespace easel {
namespace {

bool begins(std::string_view name, std::string_view module) {
  return name.starts_with(module) && (name.size() == module.size() || name[module.size()] == '.');
}

std::string rename_rest(std::string_view rest, std::span<const Renamed> parts) {
  const Renamed* best = nullptr;
  for (const Renamed& part : parts) {
    if (begins(rest, part.from) && (best == nullptr || part.from.size() > best->from.size())) {
      best = &part;
    }
  }
  if (best == nullptr) return std::string(rest);
  return std::string(best->to) + std::string(rest.substr(best->from.size()));
}

}  // namespace

void KeyTable::add(std::string from, std::string to, std::span<const Renamed> parts) {
  targets_.insert_or_assign(std::move(from), Target{std::move(to), parts});
}

std::string KeyTable::operator()(std::string_view name) const {
  for (std::size_t end = name.size(); end != std::string_view::npos && end > 0;
       end = name.rfind('.', end - 1)) {
    const auto found = targets_.find(name.substr(0, end));
    if (found == targets_.end()) continue;
    const Target& target = found->second;
    if (end == name.size()) return target.to;
    return target.to + "." + rename_rest(name.substr(end + 1), target.parts);
  }
  return std::string(name);
}

}  // namespace easel
