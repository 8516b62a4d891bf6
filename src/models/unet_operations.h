#pragma once

#include "models/unet.h"

namespace easel {

/// What a pass through the UNet costs, in operations: 2 x the multiply-adds of its linear layers,
/// convolutions and attention, by the plain algorithms.
struct UNetOperations {
  double first_level = 0;
  double deep_levels = 0;  ///< what UNet::operator() leaves out where it is given their output

  double all() const { return first_level + deep_levels; }
};

struct UNetPass {
  int pictures = 1;
  int halves = 1;  ///< of guidance: so many results a picture
  int height = 0;
  int width = 0;  ///< of the latents
  int tokens = 0;
};

UNetOperations count_operations(const UNetConfig& config, const UNetPass& pass);

}  // namespace easel
