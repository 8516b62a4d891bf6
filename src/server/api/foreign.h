#pragma once

#include <functional>
#include <string>
#include <vector>

#include "image/codec.h"
#include "server/app/app.h"

namespace easel::server {

// What the APIs of other programs share.

/// Why a job that failed has no pictures.
Problem problem_in(const JobRecord& job);

/// Puts `draw` in the line; `then` is called before it is drawn. Trouble goes to `fail`.
void submit_draw(App& app, const HttpRequest& request, const DrawJob& draw,
                 std::function<void(const App::Submitted&)> then, const App::Fail& fail);
/// Calls `then` with a job and its pictures when it has ended. One that failed goes to `fail`, a
/// cancelled one to `then`, with what was drawn.
void wait_for(App& app, const std::string& job,
              std::function<void(const JobRecord&, const std::vector<PictureRecord>&)> then,
              const App::Fail& fail);
/// Runs `draw` as a job and calls `then` with it and its pictures when it has ended. Trouble, and a
/// job that failed, go to `fail`; a cancelled one to `then`, with what was drawn.
void draw_and_wait(App& app, const HttpRequest& request, const DrawJob& draw,
                   std::function<void(const JobRecord&, const std::vector<PictureRecord>&)> then,
                   const App::Fail& fail);

/// Runs each of `draws` as a job of its own; `then` gets them in their order when all have ended,
/// also when one was cancelled, which cancels those that are left. The first trouble goes to
/// `fail`, once all have ended. REQUIRES: at least one.
void draw_all_and_wait(App& app, const HttpRequest& request, const std::vector<DrawJob>& draws,
                       std::function<void(const std::vector<JobSight>&)> then,
                       const App::Fail& fail);

/// How pictures are sent.
struct PictureForm {
  ImageFormat format = ImageFormat::kPng;
  int quality = 100;  ///< of JPEG and WebP, 1 to 100
};
/// A PNG file in that form, with what it says besides its pixels. Throws as decode_picture.
std::string in_form(std::string_view png, const PictureForm& form);

/// The files of pictures in base64, read on the helping thread; `then` is called on the loop.
void read_pictures(App& app, const std::vector<PictureRecord>& pictures, const PictureForm& form,
                   std::function<void(std::vector<std::string>)> then, const App::Fail& fail);

/// Draws at the model's own size where the size asked for is above it (networks repeat themselves
/// beyond the size they were trained at), and enlarges to exactly what was asked for.
void fit_to_model(Recipe& recipe, Image::Size wanted, const App& app);
/// Enlarges what is drawn to exactly that size.
void enlarge_to(Recipe& recipe, Image::Size wanted, const App& app);

}  // namespace easel::server
