#pragma once

#include <memory>
#include <string>

#include "http/problem.h"

namespace easel::server {

enum class LogFormat { kText, kJson };
enum class LogLevel { kDebug, kInfo, kWarning, kError };

/// Lines on standard error: for people, or JSON objects for programs. From any thread.
class Log {
 public:
  Log(LogFormat format, LogLevel least);
  ~Log();

  /// `facts`: an object of what belongs to the line. Never of tokens or prompts.
  void write(LogLevel level, const std::string& message, const Json& facts = Json::object());
  void info(const std::string& message, const Json& facts = Json::object()) {
    write(LogLevel::kInfo, message, facts);
  }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace easel::server
