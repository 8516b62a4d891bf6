// The end of a DrawRun: latents become pictures, finished or as far as they are.

#include <algorithm>
#include <utility>

#include "pipeline/diffusing/draw_run.h"
#include "pipeline/diffusing/finite.h"
#include "pipeline/parts/tiled_decoding.h"

namespace easel {

int decoder_pass(const LatentFacts& latent, int latent_pixels) {
  return std::max(1, 256 * 256 / std::max(1, latent_pixels * latent.factor * latent.factor));
}

// The pictures of a batch as far as they are, where that is wanted. It is called once the steps
// have ended: what was decoded before is finished.
void DrawRun::keep_unfinished(int first, int count, std::vector<DrawnPicture>& out) {
  if (hooks_.enough == nullptr || reached_.pass == nullptr || !hooks_.on_picture) return;
  check_cancelled();
  decode({.latents = reached_.estimate, .pass = *reached_.pass, .unfinished = reached_.at}, first,
         count, out);
}

void DrawRun::decode(const ToDecode& what, int first, int count, std::vector<DrawnPicture>& out) {
  const DenoisingPass& last = what.pass;
  const std::span<const float> latents = what.latents;
  const std::size_t size = last.latent_size();
  const int pass = std::min(parts_.pass, decoder_pass(latent_, last.height() * last.width()));
  for (int done = 0; done < count; done += pass) {
    check_cancelled();
    const int n = std::min(pass, count - done);
    const auto these =
        latents.subspan(static_cast<std::size_t>(done) * size, static_cast<std::size_t>(n) * size);
    const LatentCodec::Size shape{.count = n, .height = last.height(), .width = last.width()};
    const auto tile = diffusion_of(recipe_).vae_tile;
    const std::vector<float> decoded = tile ? decode_in_tiles(parts_.codec, these, shape, *tile)
                                            : parts_.codec.decode(these, shape);
    require_finite(decoded, "what the autoencoder made of the latents", parts_.weights);
    const std::size_t values = decoded.size() / static_cast<std::size_t>(n);
    for (int i = 0; i < n; ++i) {
      DrawnPicture picture{.index = first + done + i,
                           .seed = seed_of(first + done + i),
                           .unfinished = what.unfinished,
                           .prompt_notes = parts_.prompt_notes};
      const auto mine = std::span(decoded).subspan(static_cast<std::size_t>(i) * values, values);
      picture.image = image_from_decoded(mine, size_of(last));
      if (parts_.start != nullptr) {
        picture.image = pasted(parts_.start->canvas, std::move(picture.image));
      }
      if (which_.keep_latents) {
        const auto latent = these.subspan(static_cast<std::size_t>(i) * size, size);
        picture.latent.assign(latent.begin(), latent.end());
        picture.decoded = planes_of(mine);
      }
      if (hooks_.on_picture) {
        hooks_.on_picture(std::move(picture));
      } else {
        out.push_back(std::move(picture));
      }
    }
  }
}

}  // namespace easel
