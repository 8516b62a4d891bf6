#include <algorithm>

#include "core/error.h"
#include "models/unet.h"

namespace easel {

bool UNetConfig::has_attention(int downsampling) const {
  return std::ranges::find(attention_resolutions, downsampling) != attention_resolutions.end();
}

int UNetConfig::heads(std::int64_t channels) const {
  const std::int64_t count = num_head_channels > 0 ? channels / num_head_channels : num_heads;
  if (count <= 0 || channels % count != 0 ||
      (num_head_channels > 0 && channels % num_head_channels != 0)) {
    fail(ErrorCode::kWrongModel, "{} channels do not divide into attention heads ({})", channels,
         num_head_channels > 0 ? fmt::format("{} channels each", num_head_channels)
                               : fmt::format("{} of them", num_heads));
  }
  return static_cast<int>(count);
}

TransformerDepths UNetConfig::depths_of_blocks() const {
  if (depths) return *depths;
  TransformerDepths regular{.input = {}, .middle = transformer_depth, .output = {}};
  const auto blocks = static_cast<std::size_t>(num_res_blocks);
  for (std::size_t level = 0; level < channel_mult.size(); ++level) {
    const int depth = has_attention(1 << level) ? transformer_depth : 0;
    regular.input.insert(regular.input.end(), blocks, depth);
    regular.output.insert(regular.output.begin(), blocks + 1, depth);
  }
  return regular;
}

}  // namespace easel
