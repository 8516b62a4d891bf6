#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "atelier/wildcards.h"
#include "cli/places.h"
#include "recipe/recipe.h"

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

/// Adds --wildcards-folder, which asks for what --wildcards does.
void add_wildcards_folder_option(CLI::App& app, std::string& folder, Recipe& recipe);
/// The lists that prompts may name: of the folder that was given, else of the data folder. Throws
/// kNotFound for a folder that is none.
WildcardFolder wildcard_folder(const std::string& folder, const Places& places);

/// What to tell of signs that --wildcards would read; empty where no prompt has any. They may be
/// meant as words.
std::string note_of_choices(const std::vector<Prompt>& prompts);

/// Whether somebody pipes text in, or names a file as standard input, that is not empty. Waits for
/// the first byte of it.
bool has_piped_input();

/// Throws kUsage for a prompt that is no UTF-8 or too long to be one.
void check_prompt(const std::string& prompt);

}  // namespace easel::cli
