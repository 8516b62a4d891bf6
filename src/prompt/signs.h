#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace easel {

/// Which of the signs that programs give a meaning in prompts a model does not read.
struct UnreadSigns {
  bool weights = true;  ///< (words:1.3), <lora:name:0.8>
  bool choices = true;  ///< {red|blue}, __wildcard__
};

/// Such signs in a prompt, as they stand there, the first few. Linear in its length.
std::vector<std::string> signs_in(std::string_view prompt, UnreadSigns which);

/// "these signs have no meaning to this model, and are read as words: (big:1.3)"; empty: none.
std::string note_of_signs(std::string_view prompt, UnreadSigns which);

}  // namespace easel
