#pragma once

#include <string>
#include <vector>

namespace easel::cli {

/// A prompt and where it came from.
struct Prompt {
  std::string text;
  int line = 0;  ///< of the file, from 1; 0: the command line
};

/// The prompts of a command: the lines of `file` ("-": standard input), else the arguments: each
/// one that was quoted is a prompt, words without quotes are one prompt together.
/// Throws kUsage when there is none or both are given, kNotFound.
std::vector<Prompt> read_prompts(const std::vector<std::string>& words, const std::string& file);

/// Nothing but spaces.
bool is_blank(const std::string& prompt);

/// Throws kUsage for a prompt that is no UTF-8 or too long to be one.
void check_prompt(const std::string& prompt);

}  // namespace easel::cli
