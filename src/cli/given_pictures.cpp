#include "cli/given_pictures.h"

#include <filesystem>
#include <string>
#include <string_view>

#include "cli/picture_tasks.h"
#include "cli/places.h"
#include "core/error.h"
#include "core/sha256.h"
#include "image/codec.h"
#include "image/mask.h"
#include "recipe/fields.h"
#include "recipe/values.h"
#include "store/given_files.h"

namespace easel::cli {
namespace {

// A file; or by its SHA-256 a picture that was given to the server of this person's gallery, as the
// commands that its page copies name it.
std::vector<std::uint8_t> bytes_of(const std::string& name) {
  std::error_code ignored;
  if (std::filesystem::exists(name, ignored)) return read_input_bytes(name);
  const auto kept = GivenFiles(find_places().data / "given").read(name);
  if (!kept) return read_input_bytes(name);
  return {kept->begin(), kept->end()};
}

Image read_named(GivenPicture& named) {
  const std::vector<std::uint8_t> bytes = bytes_of(named.file);
  named.sha256 =
      sha256_hex(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  return decode_picture(bytes, named.file).image;
}

// "--mask-blur means nothing without --init FILE"
void refuse_alone(const Editing& editing) {
  visit_editing(editing, [&](const Field& field, const auto& value) {
    if (!is_said(value)) return;
    const auto name = field.option.substr(0, field.option.find(','));
    fail(ErrorCode::kUsage, "{} means nothing without --init FILE", name);
  });
}

}  // namespace

std::optional<GivenPixels> read_given(Recipe& recipe) {
  Editing& editing = diffusion_of(recipe).editing;
  if (editing.init.file.empty()) {
    refuse_alone(editing);
    return std::nullopt;
  }
  GivenPixels given{.init = read_named(editing.init), .mask = std::nullopt};
  Masking& masking = editing.masking;
  if (!masking.mask.file.empty()) given.mask = read_named(masking.mask);
  const bool masked = given.mask || transparency_of(given.init);
  if (masked || !(masking.only_masked || masking.invert)) return given;
  fail(ErrorCode::kUsage,
       "there is no mask: --mask FILE gives one, or a picture with transparent pixels");
}

}  // namespace easel::cli
