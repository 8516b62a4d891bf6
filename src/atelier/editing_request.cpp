#include "atelier/editing_request.h"

#include <algorithm>
#include <string>

#include "core/error.h"
#include "pipeline/drawing/editing_check.h"
#include "pipeline/editing/latent_resize.h"
#include "recipe/fields.h"
#include "recipe/values.h"

namespace easel {
namespace {

constexpr const char* kKept = "the sha256 that POST /api/v1/given answered";

// Of a picture that is kept; nothing, and a fault, where there is none.
std::optional<PictureFacts> kept_picture(Fields& fields, const Field& field,
                                         const GivenFiles* files, const std::string& sha256) {
  std::optional<PictureFacts> facts;
  if (files != nullptr) facts = files->facts(sha256);
  if (facts) files->renew(sha256);
  if (!facts) {
    fields.fault(field.json, kKept, "is " + shown(sha256) + ", and no such picture was sent here");
  }
  return facts;
}

bool may_be_transparent(const PictureFacts& facts) {
  return facts.channels == 2 || facts.channels == 4;
}

// Settings of a picture to begin at that a request has without one.
void refuse_without_picture(Fields& fields, const Editing& editing) {
  visit_editing(editing, [&](const Field& field, const auto& value) {
    if (!is_said(value)) return;
    fields.fault(field.json, "nothing without init_sha256",
                 "means nothing without a picture to begin at, which init_sha256 names");
  });
}

void check_hires_upscaler(Fields& fields, const std::vector<Enlarger>& enlargers,
                          std::string& name) {
  if (const LatentEnlarger* row = find_latent_enlarger(name)) {
    name = row->id;
    return;
  }
  if (enlarges_by_itself(name)) return;
  const Enlarger* enlarger = find_enlarger(enlargers, name);
  if (enlarger != nullptr) {
    name = enlarger->name;
    return;
  }
  std::string allowed;
  for (const LatentEnlarger& row : latent_enlargers()) allowed += std::string(row.id) + ", ";
  fields.fault(fields::kHiresUpscaler.json, allowed + names_of(enlargers),
               "is " + shown(name) + ", which there is not");
}

void check_second_pass(Fields& fields, const std::vector<Enlarger>& enlargers,
                       const ModelInfo& info, int longest, Recipe& recipe) {
  SecondPass& second = diffusion_of(recipe).second_pass;
  if (!second.scale) return;
  if (begins_at_picture(recipe)) {
    fields.fault(fields::kHires.json, "nothing beside init_sha256",
                 "is a second pass over what was drawn from words, and init_sha256 names a "
                 "picture to begin at");
  }
  check_hires_upscaler(fields, enlargers, second.upscaler);
  const Image::Size last = last_size(recipe, std::max(info.size_multiple, 1));
  if (std::max(last.width, last.height) <= longest) return;
  fields.fault(fields::kHires.json, "sides up to " + std::to_string(longest),
               "makes " + text_of(last) + " pixels, which is more than this model draws");
}

}  // namespace

void check_given_pictures(Fields& fields, const DrawParsing& parsing, const ModelInfo& info,
                          Recipe& recipe) {
  Editing& editing = diffusion_of(recipe).editing;
  if (editing.init.sha256.empty()) return refuse_without_picture(fields, editing);
  Masking& how = editing.masking;
  const auto init = kept_picture(fields, fields::kInitHash, parsing.given, editing.init.sha256);
  if (!how.mask.sha256.empty()) {
    kept_picture(fields, fields::kMaskHash, parsing.given, how.mask.sha256);
  } else if (init && !may_be_transparent(*init) && (how.only_masked || how.invert)) {
    const Field& field = how.only_masked ? fields::kOnlyMasked : fields::kMaskInvert;
    fields.fault(field.json, "false without a mask",
                 "is true, and there is no mask: mask_sha256 names one, or the picture has "
                 "transparent pixels");
  }
  if (how.only_masked && editing.extend.any()) {
    fields.fault(fields::kOnlyMasked.json, "false with extend",
                 "is true: a picture is extended as a whole");
  }
  if (init) choose_size_by(init->size, info, recipe);
  name_given_pictures(editing);
}

void check_editing(Fields& fields, const std::vector<Enlarger>& enlargers, const ModelInfo& info,
                   int longest, Recipe& recipe) {
  check_second_pass(fields, enlargers, info, longest, recipe);
  const Editing& editing = diffusion_of(recipe).editing;
  const bool told =
      begins_at_picture(recipe) && (diffusion_of(recipe).second_pass.scale ||
                                    (editing.masking.only_masked && editing.extend.any()));
  if (told) return;
  try {
    complete_editing(recipe);
  } catch (const Error& error) {
    fields.fault("", "what the fields of openapi.json say", error.what());
  }
}

void name_given_pictures(Editing& editing) {
  editing.init.file = editing.init.sha256;
  editing.masking.mask.file = editing.masking.mask.sha256;
}

}  // namespace easel
