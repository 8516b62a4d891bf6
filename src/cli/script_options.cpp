#include "cli/script_options.h"

#include "cli/option_checks.h"
#include "core/error.h"

namespace easel::cli {
namespace {

void check_one(const char* option, int wanted, int there, const char* of_what) {
  if (wanted == 0 || wanted == there) return;
  fail(ErrorCode::kUsage, "{} is {}, but the latents of this model have {} {}", option, wanted,
       there, of_what);
}

}  // namespace

void add_script_options(CLI::App& app, ScriptOptions& options, const std::string& group) {
  app.add_flag("--skip_grid", options.skip_grid, "Write no grid")->group(group);
  app.add_flag("--skip_save", options.skip_save, "Write no single pictures")->group(group);
  app.add_option("--n_rows", options.rows, "Pictures in a row of the grid [--n_samples]")
      ->check(whole_number(0, 1'000))
      ->type_name("N")
      ->group(group);
  app.add_option("--C", options.latent_channels, "Channels of the latents [the model's]")
      ->check(whole_number(1, 1'000))
      ->type_name("N")
      ->group(group);
  app.add_option("--f", options.downsampling, "Pixels to a latent's side [the model's]")
      ->check(whole_number(1, 1'000))
      ->type_name("N")
      ->group(group);
  app.add_option("--precision", options.numbers,
                 "full or autocast; both are fp32 here, as the scripts are without a graphics card")
      ->check(CLI::IsMember({"full", "autocast"}).description(""))
      ->type_name("P")
      ->group(group);
}

void check_latents(const ScriptOptions& options, const ModelInfo& info) {
  check_one("--C", options.latent_channels, info.latent_channels, "channels");
  check_one("--f", options.downsampling, info.latent_factor, "pixels a side");
}

}  // namespace easel::cli
