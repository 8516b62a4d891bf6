#pragma once

#include <vector>

#include "nn/conv2d.h"

namespace easel {

/// Ollin Boer Bohan's tiny autoencoder (github.com/madebyollin/taesd): latents to pictures with a
/// twentieth of the operations, for previews and for those in a hurry.
///
/// Names: `1`, `{3, 4, 5}.conv.{0, 2, 4}`, `7`, …, `19`: a torch Sequential.
class TaesdDecoder {
 public:
  explicit TaesdDecoder(const Place& at, std::int64_t latent_channels = 4);

  /// z [B, H, W, latent_channels], in the denoiser's scaling and squashed (see squash_latent)
  /// -> [B, 8 H, 8 W, 3] in about [0, 1].
  Tensor operator()(ConstView z) const;

 private:
  /// relu(x + conv(relu(conv(relu(conv(x)))))).
  struct Block {
    Conv2d conv0, conv2, conv4;
  };
  /// Three blocks, then twice the size and a convolution without bias.
  struct Stage {
    std::vector<Block> blocks;
    Conv2d enlarge;
  };
  static Block make_block(const Place& at);
  static std::vector<Stage> make_stages(const Place& at);
  void run(const Block& block, Tensor& x) const;

  Backend& backend_;
  Conv2d in_;
  std::vector<Stage> stages_;
  Block last_;
  Conv2d out_;
};

/// What the decoder is given of a latent's value: 3 tanh(value / 3).
float squash_latent(float value);

}  // namespace easel
