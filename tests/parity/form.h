#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace easel::parity {

/// One comparison with what the original computed. `run` uses GoogleTest's assertions.
struct Case {
  std::string name;
  std::function<void()> run;
};

/// A kind of fixture folder, told by what lies in it and never by its name.
struct FixtureForm {
  std::string_view name;
  bool (*recognises)(const std::filesystem::path& folder);
  /// Every comparison that the folder's expected values allow. May throw what reading it throws.
  std::vector<Case> (*cases)(const std::filesystem::path& folder);
};

/// Which form a folder has is said by the first that recognises it. To add a family: its file, and
/// its row in forms.cpp.
std::vector<FixtureForm> fixture_forms();

// The rows, each in a file of its own.
FixtureForm ldm_form();
FixtureForm ldm_folder_form();
FixtureForm esrgan_form();
FixtureForm tokenizer_form();
FixtureForm clip_tokenizer_form();
FixtureForm rng_form();
FixtureForm checkpoints_form();
FixtureForm stable_diffusion_form();
FixtureForm lora_form();
FixtureForm sd_keys_form();
FixtureForm sd_parts_form();
FixtureForm a1111_prompts_form();

/// Why a folder that no form recognises cannot be tried: which family it belongs to.
std::string why_not(const std::filesystem::path& folder);

}  // namespace easel::parity
