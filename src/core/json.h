#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace easel {

class Json;

/// How a JSON text is read. Whatever two readers could read differently is refused.
struct JsonRules {
  int depth = 64;           ///< lists and objects within each other
  bool duplicates = false;  ///< a key twice in one object: the last one counts
};

/// How a JSON text is written. What is not UTF-8 becomes U+FFFD.
struct JsonStyle {
  int indent = -1;     ///< spaces a level; -1: on one line
  bool ascii = false;  ///< other characters as \u escapes
};

/// A JSON value. Objects keep the order in which their members came. Reading and writing numbers
/// and texts is nlohmann/json's, seen by json.cpp alone: its header costs every file that includes
/// it ten seconds of compiling.
///
/// Built as it is written: Json{{"seed", 1}, {"sizes", Json::array({64, 96})}}. A braced list whose
/// elements are all pairs that begin with a text is an object, any other is a list.
class Json {
 public:
  using Member = std::pair<std::string, Json>;
  using List = std::vector<Json>;
  using Members = std::vector<Member>;

  Json();
  Json(std::nullptr_t);
  template <std::same_as<bool> Bool>
  Json(Bool value) : Json(Value(std::in_place_type<bool>, value)) {}
  template <std::signed_integral Number>
  Json(Number value) : Json(Value(std::in_place_type<std::int64_t>, value)) {}
  template <std::unsigned_integral Number>
  requires(!std::same_as<Number, bool>) Json(Number value)
      : Json(Value(std::in_place_type<std::uint64_t>, value)) {}
  Json(double value);
  Json(const char* text);
  Json(std::string text);
  Json(std::string_view text);
  template <typename T>
  Json(const std::vector<T>& list) : Json(array()) {
    for (const auto& item : list) push_back(Json(item));
  }
  template <typename T>
  Json(const std::map<std::string, T>& members) : Json(object()) {
    for (const auto& [key, value] : members) add(key, Json(value));
  }
  Json(std::initializer_list<Json> list);

  Json(const Json& other);
  Json(Json&& other) noexcept;
  Json& operator=(const Json& other);
  Json& operator=(Json&& other) noexcept;
  ~Json();

  static Json array();
  static Json array(std::initializer_list<Json> list);
  static Json object();

  /// Throws kInvalidFile: where it is no JSON, or which rule it breaks. Never holds more than a
  /// small multiple of the text.
  static Json parse(std::string_view text, const JsonRules& rules = {});
  /// Nothing where `parse` throws.
  static std::optional<Json> try_parse(std::string_view text, const JsonRules& rules = {});

  std::string dump(const JsonStyle& style = {}) const;

  bool is_null() const;
  bool is_boolean() const;
  bool is_number() const;
  bool is_integer() const;   ///< a whole number, written as one
  bool is_unsigned() const;  ///< is_integer() and not negative
  bool is_real() const;      ///< a number with a fraction or an exponent
  bool is_string() const;
  bool is_array() const;
  bool is_object() const;
  /// "null", "boolean", "number", "string", "array", "object".
  const char* type_name() const;

  /// Elements or members; 0 of anything else.
  std::size_t size() const;
  bool empty() const { return size() == 0; }

  /// The value as a T: bool, a number in T's range, std::string, or a vector of these. Throws
  /// kInvalidFile when it is of another kind.
  template <typename T>
  T get() const {
    return read(static_cast<T*>(nullptr));
  }
  const std::string& text() const;  ///< throws kInvalidFile

  bool contains(std::string_view key) const { return find(key) != nullptr; }
  const Json* find(std::string_view key) const;  ///< null: no such member, or no object
  Json* find(std::string_view key);
  /// Throws kInvalidFile where there is none.
  const Json& at(std::string_view key) const;
  const Json& at(std::size_t index) const;
  /// As `at`, but null where there is none.
  const Json& operator[](std::string_view key) const;
  const Json& operator[](const char* key) const { return (*this)[std::string_view(key)]; }
  const Json& operator[](std::size_t index) const { return at(index); }
  const Json& operator[](int index) const { return at(static_cast<std::size_t>(index)); }
  /// Adds the member where there is none; null becomes an object. Throws kInvalidFile on others.
  Json& operator[](std::string_view key);
  Json& operator[](const char* key) { return (*this)[std::string_view(key)]; }
  Json& operator[](std::size_t index) { return const_cast<Json&>(at(index)); }
  Json& operator[](int index) { return (*this)[static_cast<std::size_t>(index)]; }
  /// The member as a T, or the fallback where there is none; throws kInvalidFile on another kind.
  template <typename T>
  T value(std::string_view key, const T& fallback) const {
    const Json* found = find(key);
    return found == nullptr ? fallback : found->get<T>();
  }
  std::string value(std::string_view key, const char* fallback) const {
    return value(key, std::string(fallback));
  }

  /// Null becomes a list. Throws kInvalidFile on others.
  void push_back(Json item);
  /// Appends a member without looking for one of that name. REQUIRES: an object without `key`.
  void add(std::string key, Json value);
  /// Every member of `other` set here. Throws kInvalidFile unless both are objects.
  void update(const Json& other);
  void erase(std::string_view key);

  /// Elements of a list; nothing of anything else.
  const Json* begin() const;
  const Json* end() const;
  Json* begin() { return const_cast<Json*>(std::as_const(*this).begin()); }
  Json* end() { return const_cast<Json*>(std::as_const(*this).end()); }
  const Json& back() const { return *(end() - 1); }
  /// Members of an object; nothing of anything else.
  const Members& items() const;

  /// The same with the members of every object sorted by key: for hashes.
  Json sorted() const;

  /// Objects are equal in any order of members; 1 equals 1.0.
  friend bool operator==(const Json& a, const Json& b);

 private:
  using Value = std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string,
                             List, Members>;
  explicit Json(Value value);

  template <std::integral T>
  T read(T*) const {
    if constexpr (std::same_as<T, bool>) {
      return read_bool();
    } else {
      if (is_unsigned() && std::in_range<T>(read_unsigned()))
        return static_cast<T>(read_unsigned());
      if (!is_unsigned() && std::in_range<T>(read_integer())) return static_cast<T>(read_integer());
      out_of_range();
    }
  }
  template <std::floating_point T>
  T read(T*) const {
    return static_cast<T>(read_double());
  }
  std::string read(std::string*) const { return text(); }
  Json read(Json*) const { return *this; }
  template <typename T>
  std::vector<T> read(std::vector<T>*) const {
    need_list();
    std::vector<T> list;
    list.reserve(size());
    for (const Json& item : *this) list.push_back(item.get<T>());
    return list;
  }
  bool read_bool() const;
  std::int64_t read_integer() const;  // a real without a fraction as well
  std::uint64_t read_unsigned() const;
  double read_double() const;
  void need_list() const;
  [[noreturn]] void out_of_range() const;

  Value value_;
};

/// What a JSON text holds, told as it is read: for files too large for values. What a handler
/// throws ends the reading.
class JsonEvents {
 public:
  virtual ~JsonEvents() = default;
  virtual void on_null() = 0;
  virtual void on_boolean(bool value) = 0;
  virtual void on_integer(std::int64_t value) = 0;  ///< negative ones
  virtual void on_unsigned(std::uint64_t value) = 0;
  virtual void on_real(double value) = 0;
  virtual void on_string(std::string& value) = 0;
  virtual void on_key(std::string& value) = 0;
  virtual void on_begin_object() = 0;
  virtual void on_end_object() = 0;
  virtual void on_begin_array() = 0;
  virtual void on_end_array() = 0;
};

/// Reads a whole text without a stack of its own, so that depth costs nothing. Returns the place of
/// the first byte that is not JSON; nothing when all of it is.
[[nodiscard]] std::optional<std::size_t> read_json(std::string_view text, JsonEvents& events);

}  // namespace easel
