#pragma once

#include "atelier/draw_job.h"

// What a request says of a picture to begin at, a second pass and seamless edges.

namespace easel {

/// Looks for the pictures that the recipe names by their hashes, and chooses the size drawn by the
/// first one where the request has none. To be called before the model's defaults are filled in.
void check_given_pictures(Fields& fields, const DrawParsing& parsing, const ModelInfo& info,
                          Recipe& recipe);

/// Checks the rest and fills in the usual values, so that a picture's recipe says them.
/// `longest`: of a side after a second pass. REQUIRES: the model's defaults are filled in
void check_editing(Fields& fields, const std::vector<Enlarger>& enlargers, const ModelInfo& info,
                   int longest, Recipe& recipe);

/// A command has to name a file: a given picture goes by its hash there, as it lies in the data
/// folder and as GET /api/v1/given/{sha256} sends it.
void name_given_pictures(Editing& editing);

}  // namespace easel
