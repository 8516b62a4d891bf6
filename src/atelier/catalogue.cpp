#include "atelier/catalogue.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "core/atomic_file.h"
#include "core/error.h"
#include "embedded/embedded.h"

namespace easel {
namespace {

constexpr std::size_t kMostOwn = 500;

// "in the style of Van Gogh" is "Van Gogh" in the menu.
std::string menu_name(const std::string& text) {
  for (const std::string_view start :
       {"in the style of an ", "in the style of a ", "in the style of ", "as a painting of ",
        "as an ", "as a ", "image of "}) {
    if (text.size() > start.size() && text.starts_with(start)) return text.substr(start.size());
  }
  return text;
}

std::vector<Catalogue::Entry> entries_of(const Json& list) {
  std::vector<Catalogue::Entry> entries;
  if (!list.is_array()) return entries;
  for (const Json& item : list) {
    Catalogue::Entry entry;
    if (item.is_string()) entry.text = item.get<std::string>();
    if (item.is_object()) {
      entry.name = item.value("name", "");
      entry.text = item.value("text", entry.name);
    }
    if (entry.name.empty()) entry.name = menu_name(entry.text);
    if (!entry.text.empty()) entries.push_back(std::move(entry));
  }
  return entries;
}

Json parsed_file(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) return {};
  std::ostringstream text;
  text << in.rdbuf();
  return Json::try_parse(text.str()).value_or(nullptr);
}

Catalogue::Lists lists_of(const Json& json) {
  if (!json.is_object()) return {};
  return {entries_of(json.value("subjects", Json())), entries_of(json.value("styles", Json()))};
}

Json list_json(const std::vector<Catalogue::Entry>& entries) {
  Json list = Json::array();
  for (const auto& entry : entries) list.push_back({{"name", entry.name}, {"text", entry.text}});
  return list;
}

}  // namespace

std::vector<Catalogue::Entry> parse_entries(const Json& list, const std::string& what,
                                            std::size_t most, std::vector<Fault>& faults) {
  std::vector<Catalogue::Entry> entries;
  const auto fault = [&](const std::string& field, const Json& value, const std::string& allowed) {
    faults.push_back({field, value, allowed, field + ": wanted is " + allowed});
  };
  if (!list.is_array() || list.size() > most) {
    fault(what, list, "a list of at most " + std::to_string(most) + " entries");
    return entries;
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string field = what + "[" + std::to_string(i) + "]";
    const Json& item = list[i];
    if (!item.is_object()) {
      fault(field, item, "an object of name and text");
      continue;
    }
    try {
      Fields fields(item, {}, field + ".");
      Catalogue::Entry entry;
      entry.name = fields.text("name", "", {.least = 1, .most = 200});
      entry.text = fields.text("text", entry.name, {.least = 0, .most = 1000});
      if (entry.text.empty()) entry.text = entry.name;
      fields.finish();
      entries.push_back(std::move(entry));
    } catch (const FaultsError& error) {
      for (const Fault& each : error.faults()) faults.push_back(each);
    }
  }
  return entries;
}

Catalogue::Catalogue(const std::filesystem::path& builtin, std::filesystem::path own)
    : own_file_(std::move(own)) {
  Json json = parsed_file(builtin);
  if (!json.is_object()) json = Json::try_parse(embedded("catalogue.json")).value_or(nullptr);
  try {
    builtin_ = lists_of(json);
    // "{subject} {style}": what stands between the two.
    const std::string prompt = json.is_object() ? json.value("prompt", "") : "";
    constexpr std::string_view kSubject = "{subject}";
    constexpr std::string_view kStyle = "{style}";
    if (prompt.starts_with(kSubject) && prompt.ends_with(kStyle)) {
      join_ = prompt.substr(kSubject.size(), prompt.size() - kSubject.size() - kStyle.size());
    }
    own_ = lists_of(parsed_file(own_file_));
  } catch (const Error&) {
    // Somebody edited it by hand into something else: the lists it has are not worth a start.
  }
}

Json Catalogue::to_json() const {
  const auto all = [](const std::vector<Entry>& builtin, const std::vector<Entry>& own) {
    Json list = Json::array();
    for (const Entry& e : builtin) {
      list.push_back({{"name", e.name}, {"text", e.text}, {"own", false}});
    }
    for (const Entry& e : own) list.push_back({{"name", e.name}, {"text", e.text}, {"own", true}});
    return list;
  };
  return {{"subjects", all(builtin_.subjects, own_.subjects)},
          {"styles", all(builtin_.styles, own_.styles)},
          {"join", join_}};
}

void Catalogue::set_own(const Json& lists) {
  std::vector<Fault> faults;
  Lists own;
  Fields fields(lists, {});
  own.subjects = parse_entries(fields.raw("subjects"), "subjects", kMostOwn, faults);
  own.styles = parse_entries(fields.raw("styles"), "styles", kMostOwn, faults);
  if (!faults.empty()) throw FaultsError(std::move(faults));
  fields.finish();
  std::error_code ignored;
  std::filesystem::create_directories(own_file_.parent_path(), ignored);
  const Json json = {{"subjects", list_json(own.subjects)}, {"styles", list_json(own.styles)}};
  write_file_atomically(own_file_, json.dump({.indent = 2}) + "\n");
  own_ = std::move(own);
}

void Catalogue::clear_own() {
  std::error_code ignored;
  std::filesystem::remove(own_file_, ignored);
  own_ = {};
}

}  // namespace easel
