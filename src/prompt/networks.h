#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace easel {

/// A network that a prompt asks for: "<lora:NAME:0.8>", "<lora:NAME:TE:UNET>",
/// "<lora:NAME:te=0.5:unet=1>".
struct PromptNetwork {
  std::string kind;  ///< "lora", "lyco", "hypernet", or any other word
  std::string name;
  double text_encoder = 1;  ///< strengths
  double unet = 1;
  friend bool operator==(const PromptNetwork&, const PromptNetwork&) = default;
};

struct PromptWithoutNetworks {
  std::string text;
  std::vector<PromptNetwork> networks;  ///< in the order in which they stand
};

/// Cuts "<KIND:...>" out of a prompt; what is not of that form stays. Throws kUsage for a strength
/// that is no number and for an empty name.
PromptWithoutNetworks cut_networks(std::string_view prompt);

}  // namespace easel
