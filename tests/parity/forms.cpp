#include "form.h"
#include "support/fixture_file.h"

namespace easel::parity {

std::vector<FixtureForm> fixture_forms() {
  return {ldm_form(),    ldm_folder_form(),  stable_diffusion_form(),
          lora_form(),   sd_keys_form(),     sd_parts_form(),
          esrgan_form(), tokenizer_form(),   clip_tokenizer_form(),
          rng_form(),    checkpoints_form(), a1111_prompts_form()};
}

std::string why_not(const std::filesystem::path& folder) {
  // What a file of the folder says, and what it belongs to.
  struct Mark {
    const char* file;
    std::string_view word;
    const char* why;
  };
  constexpr Mark kMarks[] = {
      {"model_index.json", "UnCLIP", "Easel has no unCLIP yet"},
      {"model_index.json", "Amused", "Easel has no model of image tokens yet"},
      {"detoker.pt", "", "Easel has no model of image tokens yet"},
      {"txt2img-minimal.json", "", "requests, not values: the suite 'server' sends them"},
  };
  for (const Mark& mark : kMarks) {
    const std::filesystem::path file = folder / mark.file;
    if (std::filesystem::exists(file) &&
        testing::read_text(file).find(mark.word) != std::string::npos) {
      return mark.why;
    }
  }
  return "no form of tests/parity recognises what lies in it";
}

}  // namespace easel::parity
