#include "cli/upscaler_choice.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "core/error.h"

namespace easel::cli {

namespace fs = std::filesystem;

namespace {

// Real-ESRGAN's pair: the first removes noise, the second ("weak denoise") keeps it.
constexpr std::string_view kGeneral = "realesr-general-x4v3";
constexpr std::string_view kGeneralWeak = "realesr-general-wdn-x4v3";

std::optional<double> parse_share(std::string_view text) {
  double share = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, share);
  const bool sound = result.ec == std::errc() && result.ptr == end && share >= 0 && share <= 1;
  return sound ? std::optional(share) : std::nullopt;
}

// The colon between two names that may hold colons themselves: the first whose left side is there,
// else the last.
std::size_t middle_colon(const std::string& names, const Places& places) {
  const std::vector<InstalledModel> models = installed_models(places);
  for (auto at = names.find(':'); at != std::string::npos; at = names.find(':', at + 1)) {
    const std::string left = names.substr(0, at);
    std::error_code ignored;
    if (fs::exists(left, ignored) || std::ranges::any_of(models, [&](const InstalledModel& model) {
          return model.name == left;
        })) {
      return at;
    }
  }
  return names.rfind(':');
}

UpscalerLocation blended(const std::string& text, const Places& places,
                         const std::string& program) {
  const auto last = text.rfind(':');
  const std::string names = text.substr(0, last == std::string::npos ? 0 : last);
  const auto middle = middle_colon(names, places);
  if (middle == std::string::npos || middle == 0 || middle + 1 == names.size()) {
    fail(ErrorCode::kUsage, "--blend wants A:B:SHARE, two upscalers and B's share, not '{}'", text);
  }
  const auto share = parse_share(std::string_view(text).substr(last + 1));
  if (!share) {
    fail(ErrorCode::kUsage, "--blend wants a share from 0 to 1 after the last ':', not '{}'",
         text.substr(last + 1));
  }
  return {.path = find_model(places, names.substr(0, middle), program),
          .blend = UpscalerLocation::Blend{
              .path = find_model(places, names.substr(middle + 1), program), .share = *share}};
}

// The general model itself, where a folder holds it beside its sibling.
fs::path general_file(fs::path path) {
  if (!path.has_filename()) path = path.parent_path();
  std::error_code error;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    if (it->path().stem().string() == kGeneral) return it->path();
  }
  return path;
}

UpscalerLocation denoised(const UpscalerChoice& choice, const Places& places,
                          const std::string& program) {
  const std::string wanted = choice.model.empty() ? std::string(kGeneral) : choice.model;
  fs::path general = find_model(places, wanted, program);
  std::string name = (general.has_filename() ? general : general.parent_path()).filename().string();
  if (name.find(kGeneral) == std::string::npos) general = general_file(general);
  name = general.filename().string();
  const auto at = name.find(kGeneral);
  if (at == std::string::npos) {
    fail(ErrorCode::kUsage,
         "--denoise mixes {} with {} beside it; '{}' is not named like the first", kGeneral,
         kGeneralWeak, wanted);
  }
  name.replace(at, kGeneral.size(), kGeneralWeak);
  const fs::path weak = general.parent_path() / name;
  std::error_code ignored;
  if (!fs::exists(weak, ignored)) {
    fail(ErrorCode::kNotFound, "--denoise also needs '{}', which is not there", weak.string());
  }
  return {.path = general,
          .blend = UpscalerLocation::Blend{.path = weak, .share = 1 - *choice.denoise}};
}

}  // namespace

UpscalerLocation location_of(const UpscalerChoice& choice, const Places& places,
                             const std::string& program) {
  if (!choice.blend.empty() && (choice.denoise || !choice.model.empty())) {
    fail(ErrorCode::kUsage, "--blend names both upscalers itself: leave out --{}",
         choice.denoise ? "denoise" : "model");
  }
  if (!choice.blend.empty()) return blended(choice.blend, places, program);
  if (choice.denoise) return denoised(choice, places, program);
  return {.path = choice.model.empty() ? default_upscaler(places)
                                       : find_model(places, choice.model, program),
          .blend = {}};
}

Enlarger open_enlarger(const std::string& wanted, const BackendOptions& backend,
                       const Places& places, const std::string& program) {
  if (wanted == kLanczosName) return lanczos_enlarger();
  const UpscalerLocation location =
      location_of({.model = wanted, .blend = {}, .denoise = {}}, places, program);
  return network_enlarger(location.path.filename().string(), location, backend, Reading::kNow);
}

}  // namespace easel::cli
