#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "diffusion/plan.h"
#include "pipeline/diffusing/diffusion_parts.h"
#include "pipeline/diffusing/fit_preview.h"
#include "pipeline/diffusing/start.h"
#include "pipeline/drawing/drawing_model.h"

namespace easel {

/// The DrawingModel of every family that denoises latents with a UNet: prompts are encoded, noise
/// becomes latents in the steps of a Plan, and these become pictures.
class DiffusionModel final : public DrawingModel {
 public:
  DiffusionModel(DiffusionParts parts, const DrawingOptions& options);

  const ModelInfo& info() const override { return parts_.info; }
  Arithmetic arithmetic() const override;
  Recipe completed(const Recipe& asked) const override;
  std::vector<std::string> notes(const Recipe& recipe) const override;
  std::int64_t memory_needed(const Recipe& recipe, const Pictures& which) const override;
  std::vector<DrawnPicture> draw(const Recipe& asked, const Pictures& which,
                                 const DrawHooks& hooks) override;
  void load(const CancelToken* cancel) override;
  void release() override;
  LatentCodec* latents() override { return parts_.codec.get(); }
  LatentCodec* preview_decoder() override {
    return parts_.preview_decoder ? parts_.preview_decoder.get() : parts_.codec.get();
  }
  LatentPreview fit_preview() override { return easel::fit_preview(*parts_.codec); }

 private:
  struct Batching {
    int batch, pass;
  };
  /// A complete recipe whose networks and prompts are there.
  struct Ready {
    const Recipe& recipe;
    const std::vector<Told>& told;  ///< of each pass
    std::string prompt_notes;
    Batching together;
  };
  std::vector<DrawnPicture> draw_loaded(const Ready& ready, const Pictures& which,
                                        const DrawHooks& hooks);
  Plan whole_plan(const Recipe& recipe, int steps) const;
  Plan plan_of(const Recipe& recipe) const;
  Recipe with_tiles_where_needed(Recipe recipe) const;
  std::optional<Plan> second_plan(const Recipe& recipe) const;
  Start start_of(const Recipe& recipe, const GivenPixels& given);
  Batching batching(const Recipe& recipe, const Pictures& which) const;
  int latent_pixels(const Recipe& recipe) const;
  std::int64_t bytes_of(std::int64_t parameters) const;
  /// Of text encoder and denoiser, whose matrices may be in 8 bits.
  std::int64_t bytes_of_matrices(std::int64_t parameters) const;
  std::int64_t bytes_loaded() const;
  std::int64_t bytes_held() const;
  std::int64_t memory_with(const Recipe& recipe, const Pictures& which, int pass) const;
  std::int64_t memory_limit() const;
  void require_memory(const Recipe& recipe, const Pictures& which) const;
  void make_room_for_prompts();
  void make_room_for_decoding();
  void note_run(const Recipe& recipe, const Plan& plan, Image::Size last,
                const DrawHooks& hooks) const;
  void settle_parameterization(const DrawHooks& hooks);
  std::vector<Told> told_of(const std::vector<Prompts>& runs, const CancelToken* cancel);
  void require_finite_told(const Told& told);

  const DrawingOptions options_;
  DiffusionParts parts_;
  const bool eight_bits_;
  const Schedule schedule_;
};

}  // namespace easel
