#include "server/api/foreign.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "core/error.h"
#include "http/base64.h"

namespace easel::server {

Problem problem_in(const JobRecord& job) {
  const Json error = Json::try_parse(job.error).value_or(nullptr);
  Problem problem{.status = 500, .detail = "the job ended without pictures"};
  if (!error.is_object()) return problem;
  problem.status = error.value("status", 500);
  problem.detail = error.value("detail", problem.detail);
  if (problem.status == 507) problem.status = 503;
  return problem;
}

void submit_draw(App& app, const HttpRequest& request, const DrawJob& draw,
                 std::function<void(const App::Submitted&)> then, const App::Fail& fail) {
  App::Submit submit{.job = app.new_draw(request, draw),
                     .key = {},
                     .reuse = !draw.recipe.templates.by_seed};  // lists change
  app.submit(std::move(submit), std::move(then), fail);
}

void wait_for(App& app, const std::string& job,
              std::function<void(const JobRecord&, const std::vector<PictureRecord>&)> then,
              const App::Fail& fail) {
  app.when_ended(job, [then = std::move(then), fail](const JobSight& sight) {
    const JobState state = sight.job.state;
    if (state != JobState::kDone && state != JobState::kCancelled) {
      return fail(problem_in(sight.job));
    }
    then(sight.job, sight.pictures);
  });
}

void draw_and_wait(App& app, const HttpRequest& request, const DrawJob& draw,
                   std::function<void(const JobRecord&, const std::vector<PictureRecord>&)> then,
                   const App::Fail& fail) {
  submit_draw(
      app, request, draw,
      [&app, then = std::move(then), fail](const App::Submitted& submitted) {
        wait_for(app, submitted.sight.job.id, then, fail);
      },
      fail);
}

std::string in_form(std::string_view png, const PictureForm& form) {
  if (form.format == ImageFormat::kPng) return std::string(png);
  const Picture picture =
      decode_picture({reinterpret_cast<const std::uint8_t*>(png.data()), png.size()});
  const auto bytes = encode_picture(picture.image, form.format,
                                    {.quality = form.quality, .metadata = picture.metadata});
  return {bytes.begin(), bytes.end()};
}

void read_pictures(App& app, const std::vector<PictureRecord>& pictures, const PictureForm& form,
                   std::function<void(std::vector<std::string>)> then, const App::Fail& fail) {
  app.threads.helper->post([&app, pictures, form, then = std::move(then), fail] {
    std::vector<std::string> texts;
    std::exception_ptr error;
    try {
      for (const PictureRecord& picture : pictures) {
        const auto bytes = app.storage.files.picture(picture.id);
        if (!bytes) easel::fail(ErrorCode::kNotFound, "the picture's file has gone");
        texts.push_back(base64(in_form(*bytes, form)));
      }
    } catch (...) {
      error = std::current_exception();
    }
    app.loop.post([texts = std::move(texts), error, then, fail] {
      if (error) return fail(problem_of(error));
      then(texts);
    });
  });
}

void fit_to_model(Recipe& recipe, Image::Size wanted, const App& app) {
  const ModelInfo& info = app.drawing.models.find(recipe.model.name)->probe->info();
  Image::Size& drawn = recipe.size;
  const int multiple = std::max(info.size_multiple, 1);
  const bool fits = wanted.width % multiple == 0 && wanted.height % multiple == 0 &&
                    wanted.width <= info.native_width && wanted.height <= info.native_height;
  if (fits) {
    drawn = wanted;
    return;
  }
  // As many pixels as the native size, in the proportions asked for.
  const double ratio = static_cast<double>(wanted.width) / wanted.height;
  const double area = static_cast<double>(info.native_width) * info.native_height;
  const auto side = [&](double pixels) {
    const int rounded = static_cast<int>(std::lround(pixels / multiple)) * multiple;
    return std::clamp(rounded, multiple, std::max(info.max_side / multiple * multiple, multiple));
  };
  drawn = {side(std::sqrt(area * ratio)), side(std::sqrt(area / ratio))};
  enlarge_to(recipe, wanted, app);
}

void enlarge_to(Recipe& recipe, Image::Size wanted, const App& app) {
  const Image::Size drawn = recipe.size;
  Enlarging& enlarging = recipe.enlarging;
  const double larger = std::max(static_cast<double>(wanted.width) / drawn.width,
                                 static_cast<double>(wanted.height) / drawn.height);
  const int factor = std::clamp(static_cast<int>(std::ceil(larger)), 1, kMaxUpscale);
  if (const Enlarger* enlarger = find_enlarger(app.drawing.engine.enlargers, "");
      factor > 1 && enlarger) {
    enlarging = {.factor = factor, .upscaler = enlarger->name};
  }
  const Image::Size made{drawn.width * factor, drawn.height * factor};
  if (made != wanted) enlarging.result = wanted;
}

}  // namespace easel::server
