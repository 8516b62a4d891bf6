#include "atelier/matrix.h"

#include <algorithm>
#include <utility>

#include "atelier/missing.h"
#include "recipe/forms.h"
#include "store/ulid.h"

namespace easel {
namespace {

constexpr int kLookedAt = 2000;  // pictures of one pair that are compared with what is wanted

// What an older Easel did not say of a picture may be anything.
bool is_picture_of(const PictureRecord& record, const DrawJob& job, int index) {
  Recipe wanted = of_picture(job.recipe, index);
  wanted.model.sha256 = record.recipe.model.sha256;
  wanted.prompt_notes = record.recipe.prompt_notes;  // what drawing said, nobody asks for it
  if (record.recipe.arithmetic == Arithmetic{}) wanted.arithmetic = {};
  if (record.recipe.seed.rng.empty()) wanted.seed.rng.clear();
  if (eta_of(record.recipe) == eta_of(wanted)) {
    diffusion_of(wanted).eta = diffusion_of(record.recipe).eta;
  }
  return record.recipe == wanted && !record.missing;
}

// Which of the job's pictures the gallery has.
std::vector<bool> found_in(Records& records, const DrawJob& job) {
  std::vector<bool> found(static_cast<std::size_t>(job.count));
  const auto pictures = records.read_now([&](const Transaction& all) {
    return all.pictures().list({.style = job.recipe.labels.style,
                                .subject = job.recipe.labels.subject,
                                .limit = kLookedAt});
  });
  for (const PictureRecord& record : pictures) {
    for (int k = 0; k < job.count; ++k) {
      if (is_picture_of(record, job, k)) found[static_cast<std::size_t>(k)] = true;
    }
  }
  return found;
}

// Draws the pairs of one matrix, one after another.
class MatrixRun {
 public:
  MatrixRun(const MatrixRequest& request, DrawingModel& model, const Enlarger* upscaler,
            Records& records, const PictureFiles& files, const MatrixHooks& hooks)
      : request_(request),
        model_(model),
        upscaler_(upscaler),
        records_(records),
        files_(files),
        hooks_(hooks) {
    progress_.total =
        static_cast<int>(request.subjects.size() * request.styles.size()) * request.settings.count;
  }

  MatrixReport run() {
    for (const MatrixEntry& subject : request_.subjects) {
      for (const MatrixEntry& style : request_.styles) draw_pair(subject, style);
    }
    return report_;
  }

 private:
  void draw_pair(const MatrixEntry& subject, const MatrixEntry& style) {
    DrawJob job = request_.settings;
    job.recipe.prompt = subject.text + request_.join + style.text;
    job.recipe.labels = {.subject = subject.name, .style = style.name};
    progress_.pair = job.recipe.prompt;
    const std::vector<bool> found = found_in(records_, job);
    const int kept = static_cast<int>(std::ranges::count(found, true));
    report_.kept += kept;
    progress_.done += kept;
    tell(0);
    for (const Pictures& gap : missing_in(found)) draw_gap(job, gap);
  }

  void draw_gap(const DrawJob& job, const Pictures& gap) {
    DrawHooks hooks;
    hooks.cancel = hooks_.cancel;
    hooks.on_note = hooks_.on_note;
    hooks.on_step = [&](const DrawStep& step) {
      tell(static_cast<double>(step.pictures) * step.step / step.steps);
    };
    hooks.on_picture = [&](const DrawnPicture& drawn) { keep(job, drawn); };
    model_.draw(job.recipe, gap, hooks);
  }

  void keep(const DrawJob& job, const DrawnPicture& drawn) {
    const Image image = finished(drawn.image, job.recipe.enlarging, upscaler_, hooks_.cancel);
    PictureRecord record;
    record.recipe = recipe_of_drawn(job.recipe, drawn);
    record.id = new_ulid();
    record.index = drawn.index;
    record.created = now_ms();
    record.width = image.width();
    record.height = image.height();
    record.bytes = files_.save(record.id, image, by_easel(record.recipe));
    records_.write_now([&](Transaction& all) { all.pictures().add(record); });
    ++report_.drawn;
    ++progress_.done;
    tell(0);
  }

  void tell(double drawing) {
    progress_.drawing = drawing;
    if (hooks_.on_progress) hooks_.on_progress(progress_);
  }

  const MatrixRequest& request_;
  DrawingModel& model_;
  const Enlarger* upscaler_;
  Records& records_;
  const PictureFiles& files_;
  const MatrixHooks& hooks_;
  MatrixProgress progress_;
  MatrixReport report_;
};

}  // namespace

MatrixReport draw_matrix(const MatrixRequest& request, DrawingModel& model,
                         const Enlarger* upscaler, Records& records, const PictureFiles& files,
                         const MatrixHooks& hooks) {
  return MatrixRun(request, model, upscaler, records, files, hooks).run();
}

}  // namespace easel
