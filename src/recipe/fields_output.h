#pragma once

#include "recipe/field.h"

// The rows of fields.h for what happens to a picture once it is drawn, for where its words come
// from, and for what is said of it that draws nothing.

namespace easel::fields {

inline constexpr Field kUpscale{.json = "upscale",
                                .parameters = "Upscale",
                                .place = 23,
                                .option = "--upscale",
                                .title = "Enlarged",
                                .help = "Enlarge every picture so many times [not at all]",
                                .group = kOutputGroup,
                                .unit = "X",
                                .least = 0.01,
                                .most = 16};
inline constexpr Field kUpscaler{
    .json = "upscaler",
    .parameters = "Upscaler",
    .place = 24,
    .option = "--upscaler",
    .title = "Upscaler",
    .help = "With what: an ESRGAN file, an installed name, or lanczos [Easel's own]",
    .unit = "MODEL",
    .most = 100,
    .usual = "upscaler"};
/// The exact size after enlarging.
inline constexpr Field kResult{.json = "result",
                               .parameters = "Resized",
                               .place = 25,
                               .option = "--resize",
                               .title = "Resized",
                               .help = "Then resize to exactly this [not at all]",
                               .group = kOutputGroup,
                               .unit = "WIDTHxHEIGHT",
                               .least = 1,
                               .most = 8192,
                               .asked = false,
                               .wanted = "WIDTHxHEIGHT, each from 1 to 8192"};
/// FACTOR:UPSCALER each.
inline constexpr Field kEnlargedAgain{.json = "enlarged_again",
                                      .parameters = "Upscaled again",
                                      .place = 26,
                                      .option = "--upscale-again",
                                      .title = "Enlarged again",
                                      .help = "Then enlarge the result once more, or several times",
                                      .group = kOutputGroup,
                                      .unit = "X:MODEL[,X:MODEL]",
                                      .asked = false,
                                      .wanted = "X:MODEL, a number from 0.01 to 16 and a name"};
inline constexpr Field kGrid{.json = "grid",
                             .parameters = "Grid",
                             .place = 27,
                             .option = "--grid",
                             .title = "Grid",
                             .help = "Draw COLUMNS x ROWS pictures into one file",
                             .group = kOutputGroup,
                             .unit = "COLUMNSxROWS",
                             .least = 1,
                             .most = 64,
                             .asked = false,
                             .wanted = "COLUMNSxROWS, each from 1 to 64"};
inline constexpr Field kUnfinished{.json = "unfinished",
                                   .parameters = "Unfinished",
                                   .place = 33,
                                   .title = "Unfinished",
                                   .asked = false};
/// No file says it: there the prompt is the one that was chosen.
inline constexpr Field kWildcards{
    .json = "wildcards",
    .option = "--wildcards",
    .title = "Words chosen by the seed",
    .help = "Choose by the seed: {red|blue} is one of them, __NAME__ a line of the list NAME.txt",
    .group = kPictureGroup,
    .in_files = false};
/// As AUTOMATIC1111's dynamic prompts extension calls them.
inline constexpr Field kTemplate{.json = "template",
                                 .parameters = "Template",
                                 .place = 34,
                                 .title = "Template",
                                 .most = 8192,
                                 .pixels = false,
                                 .asked = false};
inline constexpr Field kNegativeTemplate{.json = "negative_template",
                                         .parameters = "Negative Template",
                                         .place = 35,
                                         .title = "Template of what is steered from",
                                         .most = 8192,
                                         .pixels = false,
                                         .asked = false};
inline constexpr Field kPromptNotes{.json = "prompt_notes",
                                    .parameters = "Prompt notes",
                                    .place = 36,
                                    .title = "How the prompt was read",
                                    .pixels = false,
                                    .asked = false};
inline constexpr Field kSubject{.json = "subject",
                                .parameters = "Subject",
                                .place = 30,
                                .title = "Subject",
                                .help = "Under which subject the gallery shelves it",
                                .unit = "NAME",
                                .most = 200,
                                .pixels = false};
inline constexpr Field kStyle{.json = "style",
                              .parameters = "Style",
                              .place = 31,
                              .title = "Style",
                              .help = "Under which style the gallery shelves it",
                              .unit = "NAME",
                              .most = 200,
                              .pixels = false};

}  // namespace easel::fields
