#pragma once

#include <compare>
#include <map>
#include <memory>

#include "backend/profile.h"
#include "models/unet.h"

namespace easel {

/// What a pass through the UNet costs, in operations: 2 x the multiply-adds of its linear layers,
/// convolutions and attention, by the plain algorithms.
struct UNetOperations {
  double first_level = 0;
  double deep_levels = 0;  ///< what is left out where their output is given

  double all() const { return first_level + deep_levels; }
};

struct UNetPass {
  int pictures = 1;
  int halves = 1;  ///< of guidance: so many results a picture
  int height = 0;
  int width = 0;  ///< of the latents
  int tokens = 0;

  auto operator<=>(const UNetPass&) const = default;
};

/// Counts what passes cost by running them where nothing is computed: the network itself says what
/// it asks of a backend. A pass is walked once and remembered.
class UNetCounter {
 public:
  explicit UNetCounter(const UNetConfig& config);

  const UNetOperations& operator()(const UNetPass& pass);

 private:
  UNetOperations counted(const UNetPass& pass);
  double taken();

  std::unique_ptr<Backend> paper_;
  Profile profile_;
  std::unique_ptr<Backend> watched_;
  UNet unet_;
  TimeEmbeddings time_;
  std::map<UNetPass, UNetOperations> known_;
};

}  // namespace easel
