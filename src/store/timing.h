#pragma once

#include <string>

namespace easel {

/// What drawing of one kind cost on this machine, averaged.
struct TimingRecord {
  std::string key;    ///< the kind, in the words of whoever measures
  double step = 0;    ///< seconds a step and picture
  double decode = 0;  ///< seconds a picture
  int runs = 0;
};

}  // namespace easel
