#include "core/json.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "core/error.h"

namespace easel {
namespace {

const Json kNull;

[[noreturn]] void wrong_kind(const Json& seen, std::string_view wanted) {
  fail(ErrorCode::kInvalidFile, "the JSON has a value of the kind {}, wanted {}", seen.type_name(),
       wanted);
}

// nlohmann's SAX interface in front of ours.
class Adapter {
 public:
  explicit Adapter(JsonEvents& events) : events_(events) {}

  std::optional<std::size_t> broken_at;

  bool null() { return events_.on_null(), true; }
  bool boolean(bool value) { return events_.on_boolean(value), true; }
  bool number_integer(std::int64_t value) { return events_.on_integer(value), true; }
  bool number_unsigned(std::uint64_t value) { return events_.on_unsigned(value), true; }
  bool number_float(double value, const std::string&) { return events_.on_real(value), true; }
  bool binary(nlohmann::json::binary_t&) { return false; }
  bool string(std::string& value) { return events_.on_string(value), true; }
  bool key(std::string& value) { return events_.on_key(value), true; }
  bool start_object(std::size_t) { return events_.on_begin_object(), true; }
  bool end_object() { return events_.on_end_object(), true; }
  bool start_array(std::size_t) { return events_.on_begin_array(), true; }
  bool end_array() { return events_.on_end_array(), true; }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) {
    broken_at = position;
    return false;
  }

 private:
  JsonEvents& events_;
};

// The keys of one object, for telling a second one of a name: a look at each while they are few.
class KeysSeen {
 public:
  bool add(const Json::Members& members, const std::string& key) {
    constexpr std::size_t kFew = 16;
    if (members.size() < kFew) {
      return std::ranges::none_of(members, [&](const auto& member) { return member.first == key; });
    }
    if (keys_.empty()) {
      for (const auto& member : members) keys_.insert(member.first);
    }
    return keys_.insert(key).second;
  }

 private:
  std::unordered_set<std::string> keys_;
};

class Builder final : public JsonEvents {
 public:
  explicit Builder(const JsonRules& rules) : rules_(rules) {}

  Json take() { return std::move(root_); }

  void on_null() override { put(nullptr); }
  void on_boolean(bool value) override { put(value); }
  void on_integer(std::int64_t value) override { put(value); }
  void on_unsigned(std::uint64_t value) override { put(value); }
  void on_real(double value) override { put(value); }
  void on_string(std::string& value) override { put(std::move(value)); }
  void on_begin_object() override { open(Json::object()); }
  void on_begin_array() override { open(Json::array()); }
  void on_end_object() override { open_.pop_back(); }
  void on_end_array() override { open_.pop_back(); }

  void on_key(std::string& key) override {
    Level& level = open_.back();
    level.is_new = level.keys.add(level.json->items(), key);
    if (!level.is_new && !rules_.duplicates) {
      fail(ErrorCode::kInvalidFile, "the JSON has a key twice in one object");
    }
    level.key = std::move(key);
  }

 private:
  struct Level {
    Json* json;
    std::string key = {};
    bool is_new = true;
    KeysSeen keys = {};
  };

  void open(Json container) {
    if (open_.size() == static_cast<std::size_t>(rules_.depth)) {
      fail(ErrorCode::kInvalidFile, "the JSON is nested deeper than {}", rules_.depth);
    }
    // A level's address holds while it is open: nothing is added to its parent meanwhile.
    open_.push_back({.json = put(std::move(container))});
  }

  Json* put(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Level& level = open_.back();
    if (level.json->is_array()) {
      level.json->push_back(std::move(value));
      return level.json->end() - 1;
    }
    if (level.is_new) {
      level.json->add(std::move(level.key), std::move(value));
      return const_cast<Json*>(&level.json->items().back().second);
    }
    Json& place = (*level.json)[level.key];
    place = std::move(value);
    return &place;
  }

  JsonRules rules_;
  Json root_;
  std::vector<Level> open_;
};

class Writer {
 public:
  explicit Writer(const JsonStyle& style) : style_(style) {}

  std::string take() { return std::move(out_); }

  void write(const Json& json, int level) {
    if (json.is_array()) {
      write_all('[', ']', level, json.size(), [&](std::size_t i) { write(json[i], level + 1); });
    } else if (json.is_object()) {
      write_all('{', '}', level, json.size(), [&](std::size_t i) {
        const auto& [key, value] = json.items()[i];
        out_ += scalar(key);
        out_ += style_.indent < 0 ? ":" : ": ";
        write(value, level + 1);
      });
    } else if (json.is_string()) {
      out_ += scalar(json.text());
    } else if (json.is_boolean()) {
      out_ += json.get<bool>() ? "true" : "false";
    } else if (json.is_real()) {
      out_ += scalar(json.get<double>());
    } else if (json.is_unsigned()) {
      out_ += std::to_string(json.get<std::uint64_t>());
    } else if (json.is_integer()) {
      out_ += std::to_string(json.get<std::int64_t>());
    } else {
      out_ += "null";
    }
  }

 private:
  std::string scalar(const nlohmann::json& value) const {
    return value.dump(-1, ' ', style_.ascii, nlohmann::json::error_handler_t::replace);
  }

  template <typename WriteItem>
  void write_all(char open, char close, int level, std::size_t count, const WriteItem& item) {
    out_ += open;
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) out_ += ',';
      new_line(level + 1);
      item(i);
    }
    if (count > 0) new_line(level);
    out_ += close;
  }

  void new_line(int level) {
    if (style_.indent < 0) return;
    out_ += '\n';
    out_.append(static_cast<std::size_t>(level * style_.indent), ' ');
  }

  JsonStyle style_;
  std::string out_;
};

bool is_pair(const Json& json) {
  return json.is_array() && json.size() == 2 && json[0].is_string();
}

}  // namespace

Json::Json() = default;
Json::Json(std::nullptr_t) {}
Json::Json(Value value) : value_(std::move(value)) {}
Json::Json(double value) : value_(value) {}
Json::Json(const char* text) : value_(std::string(text)) {}
Json::Json(std::string text) : value_(std::move(text)) {}
Json::Json(std::string_view text) : value_(std::string(text)) {}
Json::Json(const Json& other) = default;
Json::Json(Json&& other) noexcept = default;
Json& Json::operator=(const Json& other) = default;
Json& Json::operator=(Json&& other) noexcept = default;
Json::~Json() = default;

Json::Json(std::initializer_list<Json> list) {
  if (!std::ranges::all_of(list, is_pair)) {
    value_ = List(list);
    return;
  }
  value_ = Members();
  for (const Json& pair : list) (*this)[pair[0].text()] = pair[1];
}

Json Json::array() { return Json(Value(List())); }
Json Json::array(std::initializer_list<Json> list) { return Json(Value(List(list))); }
Json Json::object() { return Json(Value(Members())); }

Json Json::parse(std::string_view text, const JsonRules& rules) {
  Builder builder(rules);
  if (const auto broken = read_json(text, builder)) {
    fail(ErrorCode::kInvalidFile, "this is not JSON at byte {}", *broken);
  }
  return builder.take();
}

std::optional<Json> Json::try_parse(std::string_view text, const JsonRules& rules) {
  try {
    return parse(text, rules);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string Json::dump(const JsonStyle& style) const {
  Writer writer(style);
  writer.write(*this, 0);
  return writer.take();
}

bool Json::is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }
bool Json::is_boolean() const { return std::holds_alternative<bool>(value_); }
bool Json::is_number() const { return is_integer() || is_real(); }
bool Json::is_integer() const {
  return std::holds_alternative<std::int64_t>(value_) ||
         std::holds_alternative<std::uint64_t>(value_);
}
bool Json::is_unsigned() const {
  const auto* number = std::get_if<std::int64_t>(&value_);
  return std::holds_alternative<std::uint64_t>(value_) || (number != nullptr && *number >= 0);
}
bool Json::is_real() const { return std::holds_alternative<double>(value_); }
bool Json::is_string() const { return std::holds_alternative<std::string>(value_); }
bool Json::is_array() const { return std::holds_alternative<List>(value_); }
bool Json::is_object() const { return std::holds_alternative<Members>(value_); }

const char* Json::type_name() const {
  if (is_null()) return "null";
  if (is_boolean()) return "boolean";
  if (is_string()) return "string";
  if (is_array()) return "array";
  return is_object() ? "object" : "number";
}

std::size_t Json::size() const {
  return is_object() ? items().size() : static_cast<std::size_t>(end() - begin());
}

const std::string& Json::text() const {
  const auto* text = std::get_if<std::string>(&value_);
  if (text == nullptr) wrong_kind(*this, "a text");
  return *text;
}

const Json* Json::find(std::string_view key) const {
  for (const Member& member : items()) {
    if (member.first == key) return &member.second;
  }
  return nullptr;
}

Json* Json::find(std::string_view key) { return const_cast<Json*>(std::as_const(*this).find(key)); }

const Json& Json::at(std::string_view key) const {
  const Json* found = find(key);
  if (found == nullptr) fail(ErrorCode::kInvalidFile, "the JSON has no '{}'", key);
  return *found;
}

const Json& Json::at(std::size_t index) const {
  if (!is_array() || index >= size()) {
    fail(ErrorCode::kInvalidFile, "the JSON has {} elements, wanted number {}",
         is_array() ? size() : 0, index);
  }
  return *(begin() + index);
}

const Json& Json::operator[](std::string_view key) const {
  const Json* found = find(key);
  return found == nullptr ? kNull : *found;
}

Json& Json::operator[](std::string_view key) {
  if (is_null()) value_ = Members();
  if (!is_object()) wrong_kind(*this, "an object");
  if (Json* found = find(key)) return *found;
  add(std::string(key), nullptr);
  return std::get<Members>(value_).back().second;
}

void Json::push_back(Json item) {
  if (is_null()) value_ = List();
  need_list();
  std::get<List>(value_).push_back(std::move(item));
}

void Json::add(std::string key, Json value) {
  std::get<Members>(value_).emplace_back(std::move(key), std::move(value));
}

void Json::update(const Json& other) {
  if (!other.is_object()) wrong_kind(other, "an object");
  for (const auto& [key, value] : other.items()) (*this)[key] = value;
}

void Json::erase(std::string_view key) {
  if (!is_object()) return;
  std::erase_if(std::get<Members>(value_), [&](const Member& m) { return m.first == key; });
}

const Json* Json::begin() const { return is_array() ? std::get<List>(value_).data() : nullptr; }
const Json* Json::end() const {
  return is_array() ? begin() + std::get<List>(value_).size() : nullptr;
}

const Json::Members& Json::items() const {
  static const Members kNone;
  return is_object() ? std::get<Members>(value_) : kNone;
}

Json Json::sorted() const {
  Json out = *this;
  for (Json& item : out) item = item.sorted();
  if (out.is_object()) {
    auto& members = std::get<Members>(out.value_);
    for (auto& [key, value] : members) value = value.sorted();
    std::ranges::sort(members, {}, &Member::first);
  }
  return out;
}

bool operator==(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) {
    if (a.is_real() || b.is_real()) return a.read_double() == b.read_double();
    if (a.is_unsigned() != b.is_unsigned()) return false;
    return a.is_unsigned() ? a.read_unsigned() == b.read_unsigned()
                           : a.read_integer() == b.read_integer();
  }
  if (!a.is_object() || !b.is_object()) return a.value_ == b.value_;
  return a.size() == b.size() && std::ranges::all_of(a.items(), [&](const Json::Member& member) {
           const Json* other = b.find(member.first);
           return other != nullptr && *other == member.second;
         });
}

bool Json::read_bool() const {
  if (!is_boolean()) wrong_kind(*this, "true or false");
  return std::get<bool>(value_);
}

std::int64_t Json::read_integer() const {
  if (const auto* number = std::get_if<std::int64_t>(&value_)) return *number;
  if (!is_real()) wrong_kind(*this, "a whole number");
  constexpr double kLimit = 9.2e18;
  const double number = std::get<double>(value_);
  if (number != std::trunc(number) || !(std::abs(number) < kLimit)) out_of_range();
  return static_cast<std::int64_t>(number);
}

std::uint64_t Json::read_unsigned() const {
  if (const auto* number = std::get_if<std::uint64_t>(&value_)) return *number;
  return static_cast<std::uint64_t>(read_integer());
}

double Json::read_double() const {
  if (const auto* number = std::get_if<std::int64_t>(&value_)) return static_cast<double>(*number);
  if (const auto* number = std::get_if<std::uint64_t>(&value_)) return static_cast<double>(*number);
  if (!is_real()) wrong_kind(*this, "a number");
  return std::get<double>(value_);
}

void Json::need_list() const {
  if (!is_array()) wrong_kind(*this, "a list");
}

void Json::out_of_range() const {
  fail(ErrorCode::kInvalidFile, "the JSON has the number {}, which is out of range", dump());
}

std::optional<std::size_t> read_json(std::string_view text, JsonEvents& events) {
  // nlohmann takes a zero byte for the end of its input.
  if (const auto zero = text.find('\0'); zero != std::string_view::npos) return zero;
  Adapter adapter(events);
  const bool whole = nlohmann::json::sax_parse(text.begin(), text.end(), &adapter);
  if (whole) return std::nullopt;
  return adapter.broken_at.value_or(0);
}

}  // namespace easel
