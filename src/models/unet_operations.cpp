#include "models/unet_operations.h"

#include <vector>

namespace easel {
namespace {

// Walks the network as UNet does, and counts instead of computing.
class Count {
 public:
  Count(const UNetConfig& config, const UNetPass& pass)
      : config_(config),
        depths_(config.depths_of_blocks()),
        pass_(pass),
        pixels_(static_cast<double>(pass.height) * pass.width),
        batch_(pass.pictures) {}

  UNetOperations run() {
    const std::size_t levels = config_.channel_mult.size();
    add_conv(static_cast<double>(config_.in_channels), width(0));
    channels_ = width(0);
    skips_ = {channels_};
    for (std::size_t level = 0; level < levels; ++level) add_input_blocks(level);
    deep_ = true;
    add_res(channels_, channels_);
    if (!config_.short_middle) {
      add_transformer(depths_.middle);
      add_res(channels_, channels_);
    }
    for (std::size_t level = levels; level-- > 0;) add_output_blocks(level);
    add_conv(channels_, static_cast<double>(config_.out_channels));
    return operations_;
  }

 private:
  double width(std::size_t level) const {
    return static_cast<double>(config_.model_channels * config_.channel_mult[level]);
  }

  void add(double multiply_adds) {
    (deep_ ? operations_.deep_levels : operations_.first_level) += 2 * multiply_adds;
  }
  void add_linear(double in, double out) { add(in * out * pixels_ * batch_); }
  void add_conv(double in, double out) { add_linear(9 * in, out); }

  void add_res(double in, double out) {
    add_conv(in, out);
    add_conv(out, out);
    if (in != out) add_linear(in, out);
    channels_ = out;
  }

  void add_transformer(int depth) {
    if (depth == 0) return;
    const double c = channels_;
    add_linear(c, c);  // proj_in
    for (int i = 0; i < depth; ++i) {
      add_linear(c, 3 * c);
      add(2 * pixels_ * pixels_ * c * batch_);
      add_linear(c, c);
      add_linear(c, c);                        // cross-attention's queries
      batch_ = pass_.halves * pass_.pictures;  // from the first context on the halves differ
      add(2 * pixels_ * pass_.tokens * c * batch_);
      add_linear(c, c);
      add_linear(c, 8 * c);  // GEGLU
      add_linear(4 * c, c);
    }
    add_linear(c, c);
  }

  void add_input_blocks(std::size_t level) {
    for (int i = 0; i < config_.num_res_blocks; ++i) {
      add_res(channels_, width(level));
      add_transformer(depths_.input[input_++]);
      skips_.push_back(channels_);
    }
    if (level + 1 == config_.channel_mult.size()) return;
    deep_ = true;
    pixels_ /= 4;
    add_conv(channels_, channels_);
    skips_.push_back(channels_);
  }

  void add_output_blocks(std::size_t level) {
    deep_ = level > 0;
    for (int i = 0; i <= config_.num_res_blocks; ++i) {
      add_res(channels_ + skips_.back(), width(level));
      skips_.pop_back();
      add_transformer(depths_.output[output_++]);
    }
    if (level == 0) return;
    pixels_ *= 4;
    add_conv(channels_, channels_);
  }

  const UNetConfig& config_;
  const TransformerDepths depths_;
  std::size_t input_ = 0, output_ = 0;  // ResBlocks done on the way down and up
  const UNetPass& pass_;
  double pixels_;
  double batch_;
  double channels_ = 0;
  bool deep_ = false;
  std::vector<double> skips_;
  UNetOperations operations_;
};

}  // namespace

UNetOperations count_operations(const UNetConfig& config, const UNetPass& pass) {
  return Count(config, pass).run();
}

}  // namespace easel
