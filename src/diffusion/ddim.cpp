#include <algorithm>
#include <cassert>
#include <cmath>
#include <deque>
#include <utility>

#include "diffusion/samplers.h"

namespace easel {
namespace {

// DDIM's update with its scratch, shared by PLMS. Every number is rounded to float where
// latent-diffusion rounds it.
class DdimUpdate {
 public:
  DdimUpdate(std::size_t size, const StepOptions& options)
      : options_(options),
        draws_(options.eta > 0 || options.draw_unused_noise),
        x0_(size),
        noise_(draws_ ? size : 0) {
    assert(!draws_ || options.noise != nullptr);
  }

  // Equation 12 with sigma from equation 16; `from` and `to` may be the same.
  void apply(std::span<const float> from, std::span<const float> eps,
             const TimestepPlan::Step& step, std::span<float> to) {
    if (draws_) options_.noise->draw(noise_);
    const float sigma = sigma_of(step);
    const float root = std::sqrt(step.alpha);
    const float root_rest = std::sqrt(1.0f - step.alpha);
    const float root_next = std::sqrt(step.alpha_next);
    const float toward = std::sqrt(std::max(1.0f - step.alpha_next - sigma * sigma, 0.0f));
    for (std::size_t i = 0; i < to.size(); ++i) {
      x0_[i] = (from[i] - root_rest * eps[i]) / root;
      to[i] = root_next * x0_[i] + toward * eps[i];
      if (draws_) to[i] += sigma * noise_[i];
    }
  }

  // The same from a picture, for steps that begin at a = 0, where eps does not tell it.
  void apply_picture(std::span<const float> x0, const TimestepPlan::Step& step,
                     std::span<float> x) {
    if (draws_) options_.noise->draw(noise_);
    const float sigma = sigma_of(step);
    const float root = std::sqrt(step.alpha);
    const float root_rest = std::sqrt(1.0f - step.alpha);
    const float root_next = std::sqrt(step.alpha_next);
    const float toward = std::sqrt(std::max(1.0f - step.alpha_next - sigma * sigma, 0.0f));
    for (std::size_t i = 0; i < x.size(); ++i) {
      const float eps = (x[i] - root * x0[i]) / root_rest;
      x[i] = root_next * x0[i] + toward * eps;
      if (draws_) x[i] += sigma * noise_[i];
    }
  }

  std::span<const float> x0() const { return x0_; }

 private:
  float sigma_of(const TimestepPlan::Step& step) const {
    const double a = step.alpha;
    const double a_next = step.alpha_next;
    return static_cast<float>(options_.eta * std::sqrt((1 - a_next) / (1 - a) * (1 - a / a_next)));
  }

  const StepOptions& options_;
  bool draws_;
  std::vector<float> x0_;
  std::vector<float> noise_;
};

void report(const StepOptions& options, std::size_t done, std::size_t of, std::span<const float> x,
            std::span<const float> x0) {
  if (!options.on_step) return;
  options.on_step(
      {.step = static_cast<int>(done), .steps = static_cast<int>(of), .x = x, .x0 = x0});
}

// Adams-Bashforth on the noise (PNDM, equation 12): from the predictions of this step and up to
// three before, newest first.
void adams_bashforth(const std::deque<std::vector<float>>& e, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (e.size() == 2) out[i] = (3 * e[0][i] - e[1][i]) / 2;
    if (e.size() == 3) out[i] = (23 * e[0][i] - 16 * e[1][i] + 5 * e[2][i]) / 12;
    if (e.size() == 4) {
      out[i] = (55 * e[0][i] - 59 * e[1][i] + 37 * e[2][i] - 9 * e[3][i]) / 24;
    }
  }
}

}  // namespace

void ddim(std::span<float> x, const EpsModel& model, const TimestepPlan& plan,
          const StepOptions& options) {
  DdimUpdate update(x.size(), options);
  std::vector<float> eps(x.size());
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    if (options.before_step) options.before_step(x, plan.steps[i].alpha);
    model(x, plan.steps[i].timestep, eps);
    update.apply(x, eps, plan.steps[i], x);
    report(options, i + 1, plan.steps.size(), x, update.x0());
  }
}

void ddim_of_pictures(std::span<float> x, const PictureModel& model, const TimestepPlan& plan,
                      const StepOptions& options) {
  DdimUpdate update(x.size(), options);
  std::vector<float> x0(x.size());
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    if (options.before_step) options.before_step(x, plan.steps[i].alpha);
    model(x, plan.steps[i].timestep, x0);
    update.apply_picture(x0, plan.steps[i], x);
    report(options, i + 1, plan.steps.size(), x, x0);
  }
}

void plms(std::span<float> x, const EpsModel& model, const TimestepPlan& plan,
          const StepOptions& options) {
  assert(options.eta == 0);
  DdimUpdate update(x.size(), options);
  std::deque<std::vector<float>> history;  // newest first
  std::vector<float> eps(x.size());
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const auto& step = plan.steps[i];
    if (history.size() == 4) {
      history.push_front(std::move(history.back()));
      history.pop_back();
    } else {
      history.emplace_front(x.size());
    }
    if (options.before_step) options.before_step(x, step.alpha);
    model(x, step.timestep, history.front());
    if (history.size() == 1) {  // pseudo improved Euler: the mean of this slope and the next one
      const int last = plan.end.value_or(plan.steps.back().timestep);
      const int next = i + 1 < plan.steps.size() ? plan.steps[i + 1].timestep : last;
      std::vector<float> ahead(x.size());
      update.apply(x, history.front(), step, ahead);
      model(ahead, next, eps);
      for (std::size_t k = 0; k < eps.size(); ++k) eps[k] = (history.front()[k] + eps[k]) / 2;
    } else {
      adams_bashforth(history, eps);
    }
    update.apply(x, eps, step, x);
    report(options, i + 1, plan.steps.size(), x, update.x0());
  }
}

}  // namespace easel
