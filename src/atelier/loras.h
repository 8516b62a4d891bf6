#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/drawing/model_info.h"
#include "recipe/recipe.h"

// LoRAs by name: how one is asked for, and which there are. One rule for commands and server.

namespace easel {

/// "NAME", "NAME:0.8", or with a strength for the text encoder of its own "NAME:0.8:0.5".
struct NamedLora {
  std::string name;
  LoraStrength strength = {};
};
NamedLora parse_lora(std::string_view text);

/// The LoRAs of a folder, looked up anew each time: one that is put there needs no restart.
class InstalledLoras {
 public:
  explicit InstalledLoras(std::filesystem::path folder = {}) : folder_(std::move(folder)) {}

  const std::filesystem::path& folder() const { return folder_; }
  /// Names without their endings, in order.
  std::vector<std::string> names() const;
  /// A file of that name, or in a folder of that name as `easel fetch` makes it. Names only: none
  /// that leaves the folder.
  std::optional<std::filesystem::path> find(std::string_view name) const;

 private:
  std::filesystem::path folder_;
};

/// What a recipe asks for: its own list and, where the model reads signs in prompts, those that its
/// prompt names. Throws kNotFound for a name of the list that is not installed; of a prompt it is
/// left out, as the model will note.
std::vector<LoraFile> loras_of(const Recipe& recipe, const InstalledLoras& installed,
                               bool reads_signs);

}  // namespace easel
