#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pipeline/families.h"

// What is installed, and what it is good for: one rule for commands and server.

namespace easel {

/// A model that can be asked for by name. Paths come from the person who started the program, never
/// from a client.
struct ModelEntry {
  std::string name;
  ModelLocation location;
  bool is_default = false;
};

/// What a person has installed, told apart.
struct Installed {
  std::vector<ModelEntry> models;
  std::vector<ModelEntry> upscalers;
};

/// Whether there are weights at all, and not, say, only a vocabulary. Looks at names alone.
bool holds_weights(const std::filesystem::path& model);

/// What a model is good for; kNothing without weights. Throws what opening it throws.
ModelUse use_of(const std::filesystem::path& model);

/// Looks into each file or folder. What is neither a text-to-image model nor an upscaler is left
/// out; what cannot be read, and the default, stays among the models, which say what is wrong.
Installed sort_installed(const std::vector<ModelEntry>& entries);

}  // namespace easel
