#pragma once

#include <string>
#include <vector>

namespace easel::cli {

/// A prompt and where it came from.
struct Prompt {
  std::string text;
  int line = 0;  ///< of the file, from 1; 0: the command line
};

enum class BlankLines { kPassOver, kKeep };

/// The prompts of a command: the lines of `file` ("-": standard input) without the blank ones that
/// editors leave, else the arguments: each one that was quoted is a prompt, words without quotes
/// are one prompt together.
/// Throws kUsage when there is none or both are given, or the file is UTF-16; kNotFound.
std::vector<Prompt> read_prompts(const std::vector<std::string>& words, const std::string& file,
                                 BlankLines blank_lines = BlankLines::kPassOver);

/// Whether somebody pipes text in, or names a file as standard input, that is not empty. Waits for
/// the first byte of it.
bool has_piped_input();

/// Throws kUsage for a prompt that is no UTF-8 or too long to be one.
void check_prompt(const std::string& prompt);

}  // namespace easel::cli
