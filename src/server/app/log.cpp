#include "server/app/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace easel::server {
namespace {

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::string dumped(const Json& json) { return json.dump(); }

}  // namespace

struct Log::Impl {
  explicit Impl(LogFormat wanted)
      : format(wanted), logger("easel", std::make_shared<spdlog::sinks::stderr_color_sink_mt>()) {}
  LogFormat format;
  spdlog::logger logger;
};

Log::Log(LogFormat format, LogLevel least) : impl_(std::make_unique<Impl>(format)) {
  impl_->logger.set_level(level_of(least));
  impl_->logger.flush_on(spdlog::level::info);
  impl_->logger.set_pattern(format == LogFormat::kText
                                ? "%H:%M:%S %^%l%$ %v"
                                : R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v})");
}

Log::~Log() = default;

void Log::write(LogLevel level, const std::string& message, const Json& facts) {
  const auto spd = level_of(level);
  if (!impl_->logger.should_log(spd)) return;
  if (impl_->format == LogFormat::kJson) {
    Json all = facts;
    all["message"] = message;
    const std::string text = dumped(all);
    impl_->logger.log(spd, "{}", text.substr(1, text.size() - 2));
    return;
  }
  std::string line = message;
  for (const auto& [key, value] : facts.items()) {
    line += " " + key + "=" + (value.is_string() ? value.get<std::string>() : dumped(value));
  }
  for (char& c : line) {  // a name with a line end must not write lines of its own
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  impl_->logger.log(spd, "{}", line);
}

}  // namespace easel::server
