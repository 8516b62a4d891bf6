#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include "atelier/missing.h"
#include "atelier/wildcards.h"
#include "core/error.h"
#include "image/codec.h"
#include "pipeline/drawing/editing_check.h"
#include "pipeline/editing/latent_resize.h"
#include "recipe/forms.h"
#include "store/ulid.h"
#include "work/given.h"
#include "work/worker_run.h"

namespace easel {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kFilesBeside = 4;  // a temporary name, the database's journals
constexpr std::int64_t kSpaceForTables = std::int64_t{2} << 20;

double since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

std::int64_t Worker::Run::space_needed() const {
  const double side = draw.recipe.enlarging.factor.value_or(1);
  const Image::Size drawn = last_size(draw.recipe, 1);
  const double each = static_cast<double>(drawn.width) * drawn.height * 4 * side * side;
  return kSpaceForTables + static_cast<std::int64_t>(each) * job.count;
}

// A picture each, and what is written beside them for a while.
std::int64_t Worker::Run::files_needed() const { return job.count + kFilesBeside; }

Progress Worker::Run::at_step(const DrawStep& step, const StepSizes& sizes,
                              const RunTimes& thought) {
  const double now = since(started);
  const double done = sizes.up_to(step.step, step.steps);
  const double all = sizes.up_to(step.steps, step.steps);
  if (step.step > 1 && last_step == step.step - 1) {
    const double size = done - sizes.up_to(step.step - 1, step.steps);
    const double took = (now - last_step_at) / size;
    step_seconds = step_seconds > 0 ? 0.7 * step_seconds + 0.3 * took : took;
  } else if (step_seconds <= 0) {
    step_seconds = thought.step * step.pictures;
  }
  last_step = step.step;
  last_step_at = now;
  batch_pictures = std::max(step.pictures, 1);
  decoded_in_batch = 0;
  Progress progress{.step = step.step,
                    .steps = step.steps,
                    .first_picture = step.first_picture,
                    .pictures = step.pictures,
                    .count = job.count,
                    .pictures_done = pictures_done,
                    .seconds = now,
                    .seconds_left = {}};
  if (step_seconds <= 0) return progress;
  const double each = step_seconds / batch_pictures;
  const int later = job.count - (step.first_picture + step.pictures);
  progress.seconds_left = (all - done) * step_seconds + step.pictures * thought.decode +
                          std::max(later, 0) * (all * each + thought.decode);
  return progress;
}

void Worker::require_space(const Run& run) {
  const std::int64_t needed = run.space_needed();
  const DataFolder::Space space = parts_.folder.space();
  if (space.free_files < run.files_needed()) {
    fail(ErrorCode::kNoSpace, "the disk holds no more files: {} may be made, {} are needed",
         space.free_files, run.files_needed());
  }
  if (space.free >= needed) return;
  fail(ErrorCode::kNoSpace, "the disk is full: {} MB are free, the pictures may take {} MB",
       space.free / 1'000'000, needed / 1'000'000);
}

void Worker::draw_missing(Run& run) {
  std::vector<bool> there(static_cast<std::size_t>(run.job.count), false);
  for (const PictureRecord& picture : parts_.store.pictures_of(run.job.id)) {
    if (picture.index < run.job.count) there[static_cast<std::size_t>(picture.index)] = true;
  }
  run.pictures_done = static_cast<int>(std::count(there.begin(), there.end(), true));
  require_space(run);
  run.enough.check();
  const Recipe& recipe = run.draw.recipe;
  // As it is now, not when it was asked.
  run.draw.recipe.arithmetic = model_for(recipe, run.enough).arithmetic();
  run.started = Clock::now();
  if (!recipe.templates.by_seed) {
    for (const Pictures& gap : missing_in(there)) draw_gap(run, recipe, gap);
    return;
  }
  WildcardFolder lists(parts_.folder.wildcards(), kWhereListsAre);
  for (int k = 0; k < run.job.count; ++k) {
    if (there[static_cast<std::size_t>(k)]) continue;
    draw_gap(run, worded(recipe, k, lists), {.first = k, .count = 1});
  }
}

void Worker::enlarge_between_passes(Run& run, DrawHooks& hooks) const {
  const SecondPass& second = diffusion_of(run.draw.recipe).second_pass;
  if (!second.scale || enlarges_by_itself(second.upscaler)) return;
  const Enlarging by{.factor = second.scale, .upscaler = second.upscaler};
  const Enlarger& enlarger = enlarger_for(by);
  hooks.enlarge = [by, &enlarger, &run](const Image& image, Image::Size size) {
    return finished(image, {.factor = by.factor, .result = size}, &enlarger, &run.cancel);
  };
}

void Worker::draw_gap(Run& run, const Recipe& recipe, const Pictures& gap) {
  DrawingModel& model = model_for(recipe, run.enough);  // as its prompt's LoRAs want it
  DrawHooks hooks;
  hooks.cancel = &run.cancel;
  hooks.enough = &run.enough;
  const auto given = read_given(run.draw.recipe, GivenFiles(parts_.folder.given()));
  if (given) hooks.given = &*given;
  enlarge_between_passes(run, hooks);
  const StepSizes sizes(run.draw.recipe);
  RunTimes thought = parts_.events.expected(run.draw).value_or(RunTimes{});
  thought.decode *= sizes.last();
  hooks.on_noise = [&](const DrawStep& noise) { preview(run, noise); };
  hooks.on_step = [&](const DrawStep& step) {
    parts_.events.tell_step(run.job.id, run.at_step(step, sizes, thought));
    preview(run, step);
  };
  hooks.on_picture = [&](const DrawnPicture& drawn) {
    const double now = since(run.started);
    ++run.decoded_in_batch;
    thought.decode = (now - run.last_step_at) / run.decoded_in_batch;
    take_picture(run, recipe, drawn);
  };
  hooks.on_note = [&](const std::string& note) {
    saver_.post([this, lease = run.lease(), note] {
      try {
        parts_.store.add_note(lease, note);
      } catch (const std::exception& error) {
        parts_.events.tell_trouble(error.what());
      }
    });
    parts_.events.tell_note(run.job.id, note);
  };
  model.draw(recipe, gap, hooks);
  if (run.step_seconds > 0) {
    parts_.events.tell_times(
        run.draw, {run.step_seconds / run.batch_pictures, thought.decode / sizes.last()});
  }
}

void Worker::take_picture(Run& run, const Recipe& recipe, const DrawnPicture& drawn) {
  PictureRecord record;
  record.recipe = recipe_of_drawn(recipe, drawn);
  run.sign(record, drawn.index);
  const Enlarging& wanted = record.recipe.enlarging;
  const Enlarger* enlarger = wanted.factor ? &enlarger_for(wanted) : nullptr;
  save(run, record, finished(drawn.image, wanted, enlarger, &run.cancel));
}

const Enlarger& Worker::enlarger_for(const Enlarging& enlarging) const {
  const Enlarger* enlarger = find_enlarger(parts_.engine.enlargers, enlarging.upscaler);
  if (enlarger == nullptr) {
    fail(ErrorCode::kNotFound, "upscaler '{}' is not there any more", enlarging.upscaler);
  }
  return *enlarger;
}

void Worker::enlarge(Run& run) {
  const Json request = Json::parse(run.job.request);
  const std::string parent = request.at("picture").get<std::string>();
  const std::optional<std::string> bytes = parts_.pictures.read(parent);
  if (!bytes) fail(ErrorCode::kNotFound, "the picture {} has gone", parent);
  PictureRecord record = parts_.store.picture(parent).value_or(PictureRecord{});
  const std::span data(reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size());
  const Image image = decode_picture(data, parent).image;
  const int factor = request.at("factor").get<int>();
  run.draw.recipe.size = image.size();
  run.draw.recipe.enlarging.factor = factor;
  require_space(run);
  run.sign(record, 0);
  record.parent = parent;
  const Enlarging enlarging{.factor = factor,
                            .upscaler = request.at("upscaler").get<std::string>()};
  if (record.recipe.enlarging == Enlarging{}) {
    record.recipe.enlarging = enlarging;
  } else {
    record.recipe.enlarged_again.push_back(enlarging);
  }
  record.favourite = false;
  record.missing = false;
  record.deleted.reset();
  save(run, record, enlarger_for(enlarging).run(image, factor, &run.cancel));
}

void Worker::save(Run& run, const PictureRecord& picture, const Image& image) {
  saver_.post([this, &run, picture, image] {
    try {
      PictureRecord record = picture;
      record.width = image.width();
      record.height = image.height();
      record.bytes = parts_.pictures.save(record, image);
      record.created = now_ms();
      const Published published = parts_.store.publish(run.lease(), record);
      if (published == Published::kUnwanted) parts_.pictures.discard(record.id);
      if (published == Published::kLost || published == Published::kUnwanted) lose(run.lease());
      if (published != Published::kAdded) return;
      ++run.pictures_done;
      parts_.events.tell_picture(record);
    } catch (...) {
      run.fail_saving(std::current_exception());
    }
  });
}

// A job that ended for good leaves no file behind that is not in the gallery: an attempt that was
// cut short between saving and publishing may have.
void Worker::discard_unpublished(const Run& run) {
  std::set<std::string> left(run.job.picture_ids.begin(), run.job.picture_ids.end());
  for (const PictureRecord& picture : parts_.store.pictures_of(run.job.id)) left.erase(picture.id);
  for (const std::string& id : left) parts_.pictures.discard(id);
}

}  // namespace easel
