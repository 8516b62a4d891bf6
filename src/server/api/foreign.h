#pragma once

#include <functional>
#include <string>
#include <vector>

#include "server/app/app.h"

namespace easel::server {

// What the APIs of other programs share.

/// Runs `draw` as a job and calls `then` with it and its pictures when it has ended. Trouble, and a
/// job that failed, go to `fail`; a cancelled one to `then`, with what was drawn.
void draw_and_wait(App& app, const HttpRequest& request, const DrawJob& draw,
                   std::function<void(const JobRecord&, const std::vector<PictureRecord>&)> then,
                   const App::Fail& fail);

/// The PNG files of pictures in base64, read on the helping thread; `then` is called on the loop.
void read_pictures(App& app, const std::vector<PictureRecord>& pictures,
                   std::function<void(std::vector<std::string>)> then, const App::Fail& fail);

/// Draws at the model's own size where the size asked for is above it (networks repeat themselves
/// beyond the size they were trained at), and enlarges to exactly what was asked for.
void fit_to_model(Recipe& recipe, Image::Size wanted, const App& app);
/// Enlarges what is drawn to exactly that size.
void enlarge_to(Recipe& recipe, Image::Size wanted, const App& app);

}  // namespace easel::server
