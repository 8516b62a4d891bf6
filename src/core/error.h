#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace easel {

/// What went wrong, in the terms in which a caller can act. Mapped once to an exit code (`cli`) and
/// once to an HTTP status (`server`).
enum class ErrorCode {
  kUsage,        ///< what the person asked for cannot be done as asked
  kNotFound,     ///< a file, model or picture that is not there
  kInvalidFile,  ///< a file that is broken, truncated or hostile
  kWrongModel,   ///< a sound file that holds something else than what was wanted
  kUnsupported,  ///< something real that Easel does not do
  kIo,           ///< reading or writing failed
  kNoSpace,      ///< the disk is full
  kNoMemory,     ///< more memory is needed than there is
  kNetwork,      ///< a download failed
  kCancelled,    ///< the caller asked to stop
};

/// The one exception type. The message is one line, lower case, no full stop: what failed, the
/// value seen, the value wanted, where.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

/// Throws Error with a formatted message.
template <typename... Args>
[[noreturn]] void fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(code, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace easel
