#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace easel::cli {

/// Where models are kept on this computer. A value, found once.
struct Places {
  /// What a person's programs keep for them: $XDG_DATA_HOME/easel, else ~/.local/share/easel. May
  /// not exist yet.
  std::filesystem::path data;
  /// A person's own subjects and styles: $XDG_CONFIG_HOME/easel/catalogue.json, else
  /// ~/.config/easel/catalogue.json. May not exist.
  std::filesystem::path own_catalogue;
  /// Where `easel fetch` puts models: data/models. May not exist yet.
  std::filesystem::path user_models;
  /// The models that came with the program: ../share/easel/models beside an installed binary,
  /// ../models beside one in its build folder, else the source folder it was compiled from.
  std::filesystem::path shipped_models;

  /// Both, in the order in which they are searched.
  std::vector<std::filesystem::path> model_folders() const;
};

Places find_places();

/// A model that is installed under a name.
struct InstalledModel {
  std::string name;
  std::filesystem::path folder;
  bool shipped = false;
};

/// All of them, by name; folders that start with a dot (downloads under way) are none.
std::vector<InstalledModel> installed_models(const Places& places);

/// What a person means by -m: a file or folder, else an installed model's name.
/// Throws kNotFound with the nearest name, or with the command that fetches it.
std::filesystem::path find_model(const Places& places, const std::string& wanted,
                                 const std::string& program);

/// The embedded default. Throws kNotFound.
std::filesystem::path default_model(const Places& places);
/// The embedded upscaler. Throws kNotFound.
std::filesystem::path default_upscaler(const Places& places);

}  // namespace easel::cli
