#include "cli/places.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "core/edit_distance.h"
#include "core/error.h"
#include "core/shell.h"
#include "fetch/catalogue.h"

namespace easel::cli {

namespace fs = std::filesystem;

namespace {

constexpr const char* kDefaultModel = "default";
constexpr const char* kDefaultUpscaler = "upscaler";

fs::path home_folder() {
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') return home;
  if (const passwd* user = getpwuid(getuid()); user != nullptr) return user->pw_dir;
  return fs::current_path();
}

// The folder that an XDG variable names, else `usual` in the home folder.
fs::path xdg_folder(const char* variable, const fs::path& usual) {
  const char* named = std::getenv(variable);
  const bool absolute = named != nullptr && fs::path(named).is_absolute();
  return (absolute ? fs::path(named) : home_folder() / usual) / "easel";
}

fs::path find_shipped_models() {
  std::error_code ignored;
  const fs::path folder = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const fs::path& candidate :
       {folder / ".." / "share" / "easel" / "models", folder / ".." / "models",
        fs::path(EASEL_SOURCE_DIR) / "models"}) {
    if (!fs::is_directory(candidate, ignored)) continue;
    const fs::path real = fs::canonical(candidate, ignored);
    if (!real.empty()) return real;
  }
  return fs::path(EASEL_SOURCE_DIR) / "models";
}

std::vector<std::string> model_names(const std::vector<InstalledModel>& models) {
  std::vector<std::string> names;
  for (const InstalledModel& model : models) names.push_back(model.name);
  return names;
}

}  // namespace

std::vector<fs::path> Places::model_folders() const { return {user_models, shipped_models}; }

Places find_places() {
  const fs::path data = xdg_folder("XDG_DATA_HOME", fs::path(".local") / "share");
  return {.data = data,
          .own_catalogue = xdg_folder("XDG_CONFIG_HOME", ".config") / "catalogue.json",
          .user_models = data / "models",
          .shipped_models = find_shipped_models()};
}

std::vector<InstalledModel> installed_models(const Places& places) {
  std::vector<InstalledModel> models;
  for (const fs::path& folder : places.model_folders()) {
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
      const std::string name = it->path().filename().string();
      std::error_code ignored;
      if (name.starts_with('.') || !it->is_directory(ignored)) continue;
      const bool known = std::any_of(models.begin(), models.end(),
                                     [&](const InstalledModel& m) { return m.name == name; });
      if (!known) models.push_back({name, it->path(), folder == places.shipped_models});
    }
  }
  std::sort(models.begin(), models.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return models;
}

fs::path find_model(const Places& places, const std::string& wanted, const std::string& program) {
  std::error_code ignored;
  if (fs::exists(wanted, ignored)) return wanted;
  const std::vector<InstalledModel> models = installed_models(places);
  for (const InstalledModel& model : models) {
    if (model.name == wanted) return model.folder;
  }
  for (const fetch::RemoteModel& model : fetch::builtin_catalogue()) {
    if (model.name != wanted) continue;
    fail(ErrorCode::kNotFound, "model '{}' is not installed; '{} fetch {}' downloads it", wanted,
         shell_quoted(program), wanted);
  }
  const std::string near = nearest(wanted, model_names(models));
  if (!near.empty() && wanted.find('/') == std::string::npos) {
    fail(ErrorCode::kNotFound,
         "no model '{}' is installed and no such file is here; did you mean '{}'?", wanted, near);
  }
  fail(ErrorCode::kNotFound,
       "there is no model '{}': neither a file or folder, nor an installed name ('{} models' lists "
       "them)",
       wanted, shell_quoted(program));
}

fs::path default_model(const Places& places) {
  const fs::path folder = places.shipped_models / kDefaultModel;
  std::error_code ignored;
  if (fs::is_directory(folder, ignored)) return folder;
  fail(ErrorCode::kNotFound,
       "the default model is not where it should be, at '{}'; -m FILE takes another",
       folder.string());
}

fs::path default_upscaler(const Places& places) {
  const fs::path folder = places.shipped_models / kDefaultUpscaler;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".safetensors") return folder;
  }
  fail(ErrorCode::kNotFound,
       "the upscaler that comes with easel is not where it should be, at '{}'; -m FILE takes any "
       "ESRGAN or Real-ESRGAN file",
       folder.string());
}

}  // namespace easel::cli
