#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "atelier/engine.h"
#include "server/app/log.h"

namespace easel::server {

/// How `easel serve` was called.
struct ServeOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 7860;
  std::filesystem::path data;                   ///< everything drawn
  std::vector<ModelEntry> models;               ///< one of them the default
  std::filesystem::path builtin_catalogue;      ///< the default model's; may not exist
  std::filesystem::path own_catalogue;          ///< the person's; may not exist
  std::optional<std::filesystem::path> tokens;  ///< file of token hashes
  std::vector<std::string> allow_hosts;         ///< more names this server goes by
  std::vector<std::string> allow_origins;       ///< pages elsewhere that may use it
  std::string public_address;                   ///< as clients reach it; empty: as Host says
  std::optional<std::filesystem::path> web;     ///< the page's files, for those who work on it
  std::chrono::seconds idle{600};               ///< after which a model's memory is given back
  LogFormat log = LogFormat::kText;
  LogLevel log_level = LogLevel::kInfo;
  /// Called once it listens, with its address ("http://127.0.0.1:7860/").
  std::function<void(const std::string& url)> on_listening;
};

}  // namespace easel::server
