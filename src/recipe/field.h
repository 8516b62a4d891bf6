#pragma once

#include <string_view>

namespace easel {

/// What there is to say of a setting outside the code that draws with it. A name that is empty
/// there is not in that form.
struct Field {
  std::string_view json = {};        ///< in the APIs and the store
  std::string_view parameters = {};  ///< key in AUTOMATIC1111's text
  /// Order in that text, which other programs show as it comes. What stands before kExtra is in
  /// Easel's own record under its JSON name, the others under their key in "extra".
  int place = 0;
  std::string_view option = {};  ///< of easel draw, as CLI11 takes it: "-W,--width"
  std::string_view script = {};  ///< of latent-diffusion's scripts
  std::string_view webui = {};   ///< in AUTOMATIC1111's API
  std::string_view title = {};   ///< as the page calls it
  std::string_view help = {};    ///< one line
  std::string_view group = {};   ///< under which heading its option stands
  std::string_view unit = {};    ///< what help shows for a value: "N"
  double least = 0;              ///< of numbers; of texts in bytes
  double most = 0;
  bool pixels = true;             ///< whether pixels depend on it
  bool asked = true;              ///< whether a client may ask for it; otherwise it is only told
  bool in_files = true;           ///< whether a picture's file says it
  std::string_view wanted = {};   ///< what a text that is no such value is told
  std::string_view choices = {};  ///< all texts that it can be, spaces between; empty: any
  std::string_view usual = {};    ///< what a command means that leaves it out
};

constexpr int kExtraPlace = 20;

constexpr std::string_view kPictureGroup = "Picture";
constexpr std::string_view kSpeedGroup =
    "Speed (each changes the picture: docs/performance/approximations.md)";
constexpr std::string_view kEditingGroup = "Beginning at a picture";
constexpr std::string_view kOutputGroup = "Output";

}  // namespace easel
