#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/json.h"

namespace easel {

/// One thing wrong with a request.
struct Fault {
  std::string field;     ///< the field, parameter or header; empty: the whole
  Json value = nullptr;  ///< what was sent
  std::string allowed;   ///< what would be taken: "1 to 1000"
  std::string detail;    ///< one line
};

/// kUsage with everything that is wrong; its message is the first one's.
class FaultsError : public Error {
 public:
  /// REQUIRES: at least one.
  explicit FaultsError(std::vector<Fault> faults)
      : Error(ErrorCode::kUsage, faults.front().detail), faults_(std::move(faults)) {}
  const std::vector<Fault>& faults() const { return faults_; }

 private:
  std::vector<Fault> faults_;
};

/// Throws FaultsError.
[[noreturn]] void refuse_field(Fault fault);

/// A value for people: texts as they are, lists and objects as JSON, cut to 100 characters.
Json cut_short(const Json& value);
/// A value for a message: JSON, cut to 100 characters.
std::string shown(const Json& value);

/// 0 to 2^64 - 1 from a number or from digits; nothing for anything else.
std::optional<std::uint64_t> seed_of(const Json& value);
/// A number where every reader keeps it whole, else digits.
Json seed_json(std::uint64_t seed);

/// Reads the fields of an object one after another and gathers everything that is wrong with them,
/// so that a client hears of all faults at once. A field that is null counts as absent.
class Fields {
 public:
  struct Rules {
    bool refuse_unknown = true;
    /// Numbers and booleans may come as text ("20", "true"): query strings, lax clients.
    bool from_text = false;
  };

  /// The object must outlive it. `prefix` goes before the names in messages ("variation.").
  Fields(const Json& object, Rules rules, std::string prefix = "");

  bool has(std::string_view name);

  struct TextRange {
    std::size_t least = 0;  ///< bytes
    std::size_t most = 8192;
  };
  std::string text(std::string_view name, const std::string& fallback, TextRange range);
  std::int64_t integer(std::string_view name, std::int64_t fallback, std::int64_t least,
                       std::int64_t most);
  double number(std::string_view name, double fallback, double least, double most);
  bool flag(std::string_view name, bool fallback);
  std::optional<std::uint64_t> seed(std::string_view name);
  /// The value as it came; null when absent.
  const Json& raw(std::string_view name);
  /// Takes a field and looks away.
  void ignore(std::string_view name) { raw(name); }

  /// One more fault of a field.
  void fault(std::string_view name, const std::string& allowed, const std::string& detail);
  /// The faults of another reader, of a part of this object.
  void take_faults(Fields& other);
  /// Throws FaultsError when there were faults, unknown fields among them.
  void finish();

 private:
  const Json& object_;
  Rules rules_;
  std::string prefix_;
  std::set<std::string, std::less<>> known_;
  std::vector<Fault> faults_;
};

}  // namespace easel
