#pragma once

#include <string>
#include <string_view>

namespace easel {

/// The sampler that a name and a schedule's mean together where a program keeps the two apart, as
/// AUTOMATIC1111 does since 1.9: "DPM++ 2M" and "Karras" are "DPM++ 2M Karras", and so are
/// "DPM++ 2M" and "Automatic", which is that sampler's own choice there. A schedule that no name of
/// a sampler's says adds nothing.
std::string sampler_with_schedule(std::string_view sampler, std::string_view schedule);

}  // namespace easel
