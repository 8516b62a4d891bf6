// What txt2img and img2img answer: the pictures, and what was drawn in that program's words.

#include <algorithm>
#include <iterator>

#include "diffusion/samplers.h"
#include "recipe/fields.h"
#include "recipe/forms.h"
#include "recipe/values.h"
#include "server/api/a1111/a1111.h"
#include "server/api/a1111/txt2img.h"
#include "server/api/foreign.h"
#include "store/ulid.h"

namespace easel::server {
namespace {

// The settings under this API's names.
void tell(const Recipe& recipe, Json& json) {
  visit_fields(recipe, [&](const Field& field, const auto& value) {
    if (!field.webui.empty()) json[field.webui] = json_of(value);
  });
  json["eta"] = eta_of(recipe);
  json["seed"] = recipe.seed.seed.value_or(0);
  json["sampler_name"] = std::string(find_sampler(diffusion_of(recipe).sampler).name);
}

// What is told beside the pictures: of the drawing, each once, and of the request.
Json notes_of(const Txt2imgRequest& asked, const std::vector<JobSight>& jobs) {
  std::vector<std::string> told;
  const auto add = [&](const std::string& note) {
    if (std::ranges::find(told, note) == told.end()) told.push_back(note);
  };
  for (const JobSight& sight : jobs) {
    const Json notes = Json::try_parse(sight.job.notes).value_or(nullptr);
    if (!notes.is_array()) continue;
    for (const Json& note : notes) add(note.text());
  }
  for (const std::string& note : asked.notes) add(note);
  return Json(told);
}

std::vector<PictureRecord> pictures_of(const std::vector<JobSight>& jobs) {
  std::vector<PictureRecord> pictures;
  for (const JobSight& sight : jobs)
    std::ranges::copy(sight.pictures, std::back_inserter(pictures));
  return pictures;
}

Json info_of(const Txt2imgRequest& asked, const Json& notes,
             const std::vector<PictureRecord>& pictures) {
  const Recipe& recipe = asked.draw.recipe;
  const Variation variation = recipe.seed.variation.value_or(Variation{});
  const Diffusion& how = diffusion_of(recipe);
  const auto& strength = how.second_pass.scale ? how.second_pass.strength : how.editing.strength;
  Json info = {{"easel_notes", notes},
               {"all_prompts", Json::array()},
               {"all_negative_prompts", Json::array()},
               {"all_seeds", Json::array()},
               {"subseed", variation.seed},
               {"all_subseeds", Json::array()},
               {"subseed_strength", variation.strength},
               {"batch_size", asked.batch},
               {"restore_faces", false},
               {"face_restoration_model", nullptr},
               {"sd_model_name", recipe.model.name},
               {"sd_model_hash", ""},
               {"seed_resize_from_w", -1},
               {"seed_resize_from_h", -1},
               {"denoising_strength", strength ? Json(*strength) : Json(0)},
               {"extra_generation_params", Json::object()},
               {"index_of_first_image", 0},
               {"infotexts", Json::array()},
               {"styles", Json::array()},
               {"job_timestamp", ""},
               {"clip_skip", diffusion_of(recipe).reading.clip_skip.value_or(1)},
               {"is_using_inpainting_conditioning", false}};
  tell(pictures.empty() ? recipe : pictures.front().recipe, info);
  for (const PictureRecord& picture : pictures) {
    const Recipe& one = picture.recipe;
    info["all_prompts"].push_back(one.prompt);
    info["all_negative_prompts"].push_back(one.negative);
    info["all_seeds"].push_back(one.seed.seed.value_or(0));
    info["all_subseeds"].push_back(one.seed.variation.value_or(Variation{}).seed);
    info["infotexts"].push_back(to_parameters(by_easel(one)));
  }
  return info;
}

// The request, completed as that API does it.
Json parameters_of(const Txt2imgRequest& asked) {
  Json parameters = asked.body;
  tell(asked.draw.recipe, parameters);
  parameters["batch_size"] = asked.batch;
  parameters["n_iter"] = asked.draw.count / std::max(asked.batch, 1);
  return parameters;
}

}  // namespace

void draw_and_answer(App& app, const RequestPtr& request, const Txt2imgRequest& asked,
                     const Respond& respond) {
  const App::Fail fail = fail_with(*request, respond);
  const std::vector<DrawJob> draws = asked.each.empty() ? std::vector{asked.draw} : asked.each;
  draw_all_and_wait(
      app, *request, draws,
      [&app, asked, respond, fail](const std::vector<JobSight>& jobs) {
        const std::vector<PictureRecord> pictures = pictures_of(jobs);
        Json answer = {{"images", Json::array()},
                       {"parameters", parameters_of(asked)},
                       {"info", info_of(asked, notes_of(asked, jobs), pictures).dump()}};
        if (!asked.send) return respond(json_response(answer));
        read_pictures(
            app, pictures, {},
            [answer, respond](const std::vector<std::string>& texts) {
              Json whole = answer;
              whole["images"] = texts;
              respond(json_response(whole));
            },
            fail);
      },
      fail);
}

void a1111_txt2img(App& app, const RequestPtr& request, const Respond& respond) {
  draw_and_answer(app, request, read_txt2img(app, *request), respond);
}

}  // namespace easel::server
