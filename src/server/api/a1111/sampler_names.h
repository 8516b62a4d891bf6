#pragma once

#include <string>

namespace easel::server {

/// A sampler and a schedule in Easel's words; empty where nothing was said.
struct SamplerWords {
  std::string sampler;
  std::string schedule;
  std::string unknown_schedule;  ///< one that is not here: the sampler's own is taken
};

/// What a request's names mean together, as that program's get_sampler_and_scheduler has it: a
/// schedule may stand at the end of a sampler's name ("DPM++ SDE Karras", of before 1.9) and counts
/// more than one that stands apart; a schedule that is not known is "Automatic". A sampler that is
/// not known stays as it is.
SamplerWords sampler_words(const std::string& name, const std::string& schedule);

}  // namespace easel::server
