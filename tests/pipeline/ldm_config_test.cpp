#include "pipeline/families/ldm/ldm_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models.h"
#include "support/errors.h"
#include "support/temporary_folder.h"

namespace easel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::message_of;

std::string whole_text() { return testing::read_text(testing::data_file("ldm-config.yaml")); }

std::string with(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("not in the text: " + from);
  return text.replace(at, from.size(), to);
}

LdmConfig parse(const std::string& text) { return parse_ldm_config(text, "config.yaml"); }

std::string refusal(ErrorCode code, const std::string& from, const std::string& to) {
  return message_of(code, [&] { parse(with(whole_text(), from, to)); });
}

TEST(LdmConfig, OfTheLargeModelIsReadWhole) {
  const auto file = testing::fixture("ldm-large.yaml");
  const LdmConfig config = read_ldm_config(file);
  EXPECT_EQ(config.unet.model_channels, 320);
  EXPECT_THAT(config.unet.channel_mult, ElementsAre(1, 2, 4, 4));
  EXPECT_THAT(config.unet.attention_resolutions, ElementsAre(4, 2, 1));
  EXPECT_EQ(config.unet.heads(1280), 8);
  EXPECT_EQ(config.text.depth, 32);
  EXPECT_EQ(config.text.tokens, 77);
  EXPECT_EQ(config.text.vocabulary, 30522);
  EXPECT_EQ(config.autoencoder.factor(), 8);
  EXPECT_EQ(config.size_multiple(), 64);
  EXPECT_DOUBLE_EQ(config.scale_factor, 0.18215);
  EXPECT_DOUBLE_EQ(config.schedule.linear_end, 0.012);
  EXPECT_EQ(static_cast<int>(config.parameterization), static_cast<int>(Parameterization::kEps));
  EXPECT_EQ(config.native_width, 32);
}

TEST(LdmConfig, DefaultsAreTheOriginalsClasses) {
  const LdmConfig config = parse(R"(
model:
  params:
    channels: 4
    unet_config: {params: {in_channels: 4, out_channels: 4, model_channels: 64,
                           num_res_blocks: 1, num_head_channels: 32,
                           use_spatial_transformer: true, context_dim: 64}}
    first_stage_config: {params: {embed_dim: 4, ddconfig: {z_channels: 4, ch: 64,
                                  num_res_blocks: 2, resolution: 64, attn_resolutions: [32, 8]}}}
    cond_stage_config: {params: {n_embed: 64, n_layer: 2}}
)");
  EXPECT_THAT(config.unet.channel_mult, ElementsAre(1, 2, 4, 8));
  EXPECT_EQ(config.unet.heads(128), 4);
  EXPECT_FALSE(config.unet.has_attention(1));
  EXPECT_THAT(config.autoencoder.attention_levels, ElementsAre(1, 3));
  EXPECT_DOUBLE_EQ(config.schedule.linear_start, 1e-4);
  EXPECT_DOUBLE_EQ(config.schedule.linear_end, 2e-2);
  EXPECT_EQ(config.schedule.timesteps, 1000);
  EXPECT_DOUBLE_EQ(config.scale_factor, 1.0);
  EXPECT_TRUE(config.use_ema);
}

TEST(LdmConfig, UnknownKeysAreIgnored) {
  const std::string text = with(whole_text(), "  params:\n",
                                "  params:\n    monitor: val/loss\n    what: [1, {a: b}]\n");
  EXPECT_EQ(parse(text).unet.model_channels, 96);
}

TEST(LdmConfig, ModelsOwnDefaultsAreReadEachOnItsOwn) {
  const std::string plain = whole_text();
  EXPECT_DOUBLE_EQ(parse(plain).defaults.scale, 7.5);
  EXPECT_EQ(parse(plain).defaults.steps, 25);
  EXPECT_EQ(parse(plain).defaults.sampler, "dpmpp-2m");
  const DrawDefaults own =
      parse("easel: {defaults: {scale: 3, sampler: Euler a}, more: 1}\n" + plain).defaults;
  EXPECT_DOUBLE_EQ(own.scale, 3);
  EXPECT_EQ(own.steps, 25);
  EXPECT_EQ(own.sampler, "euler-a");
}

TEST(LdmConfig, ModelsOwnDefaultsAreRefusedWhereARequestWouldBe) {
  for (const std::string key : {"scale: -1", "scale: 100.5", "scale: .inf", "steps: 0",
                                "steps: 1001", "steps: 1.5", "sampler: magic"}) {
    const std::string yaml = "easel: {defaults: {" + key + "}}\n" + whole_text();
    EXPECT_THAT(message_of(ErrorCode::kInvalidFile, [&] { parse(yaml); }),
                HasSubstr("easel.defaults." + key.substr(0, key.find(':')) + " in config.yaml"));
  }
}

TEST(LdmConfig, NamesThePlaceOfWhatItCannotRead) {
  EXPECT_THAT(refusal(ErrorCode::kInvalidFile, "model_channels: 96", "model_channels: many"),
              HasSubstr("model.params.unet_config.params.model_channels in config.yaml is 'many'"));
  EXPECT_THAT(refusal(ErrorCode::kInvalidFile, "model_channels: 96", "model_channels: -96"),
              HasSubstr("-96"));
  EXPECT_THAT(refusal(ErrorCode::kInvalidFile, "model_channels: 96", "model_channels: 99999999999"),
              HasSubstr("model_channels"));
  EXPECT_THAT(refusal(ErrorCode::kInvalidFile, "        model_channels: 96\n", ""),
              HasSubstr("model_channels in config.yaml is missing"));
  EXPECT_THAT(refusal(ErrorCode::kInvalidFile, "linear_end: 0.012", "linear_end: .nan"),
              HasSubstr("linear_end"));
  EXPECT_THAT(refusal(ErrorCode::kInvalidFile, "channel_mult: [1, 2]", "channel_mult: {a: 1}"),
              HasSubstr("channel_mult"));
  EXPECT_THAT(refusal(ErrorCode::kInvalidFile, "unet_config:", "unet_config: 7\n    old:"),
              HasSubstr("unet_config"));
  EXPECT_THAT(refusal(ErrorCode::kInvalidFile, "scale_factor: 0.332352", "scale_factor: 0"),
              HasSubstr("scale_factor"));
}

TEST(LdmConfig, RefusesWhatIsNotBuiltByName) {
  EXPECT_THAT(refusal(ErrorCode::kUnsupported, "ldm.models.autoencoder.AutoencoderKL",
                      "ldm.models.autoencoder.VQModelInterface"),
              HasSubstr("VQModelInterface"));
  EXPECT_THAT(refusal(ErrorCode::kUnsupported, "ldm.modules.encoders.modules.BERTEmbedder",
                      "ldm.modules.encoders.modules.FrozenCLIPEmbedder"),
              HasSubstr("FrozenCLIPEmbedder"));
  EXPECT_THAT(refusal(ErrorCode::kUnsupported, "parameterization: v", "parameterization: w"),
              HasSubstr("\"w\""));
  EXPECT_THAT(refusal(ErrorCode::kUnsupported, "use_spatial_transformer: true",
                      "use_spatial_transformer: false"),
              HasSubstr("use_spatial_transformer"));
  EXPECT_THAT(refusal(ErrorCode::kUnsupported, "in_channels: 16", "in_channels: 33"),
              HasSubstr("33 channels in"));
}

TEST(LdmConfig, TextThatIsNoConfigurationIsRefused) {
  for (const std::string text :
       {"", "just words", "- a\n- b", "model: 5", "{", "model: {params: }"}) {
    EXPECT_THAT(message_of(ErrorCode::kInvalidFile, [&] { parse(text); }), HasSubstr("config.yaml"))
        << text;
  }
}

TEST(LdmConfig, FileThatIsMissingOrHugeIsRefused) {
  const testing::TemporaryFolder folder;
  message_of(ErrorCode::kNotFound, [&] { read_ldm_config(folder / "gone.yaml"); });
  folder.write("huge.yaml", std::string((1 << 20) + 1, ' '));
  message_of(ErrorCode::kInvalidFile, [&] { read_ldm_config(folder / "huge.yaml"); });
}

TEST(LdmConfig, SchedulerFileThatNamesAnOffsetIsFollowed) {
  const Weights weights = open_model_weights(testing::ldm_mini_hf());
  EXPECT_TRUE(ldm_config_from_hugging_face(testing::ldm_mini_hf(), weights).timestep_rule.original);
  const testing::TemporaryFolder folder;
  folder.write("scheduler/scheduler_config.json",
               R"({"steps_offset": 1, "set_alpha_to_one": false, "prediction_type": "v_prediction",
                   "beta_start": 0.001, "beta_end": 0.02, "beta_schedule": "linear"})");
  folder.write("vae/config.json", R"({"scaling_factor": 0.5})");
  const LdmConfig config = ldm_config_from_hugging_face(folder.path(), weights);
  EXPECT_FALSE(config.timestep_rule.original);
  EXPECT_EQ(config.timestep_rule.steps_offset, 1);
  EXPECT_FALSE(config.timestep_rule.set_alpha_to_one);
  EXPECT_EQ(static_cast<int>(config.parameterization), static_cast<int>(Parameterization::kV));
  EXPECT_EQ(static_cast<int>(config.schedule.kind), static_cast<int>(BetaSchedule::kSqrtLinear));
  EXPECT_DOUBLE_EQ(config.scale_factor, 0.5);
}

TEST(LdmConfig, SchedulerOffsetBeyondTheScheduleIsRefused) {
  const Weights weights = open_model_weights(testing::ldm_mini_hf());
  const testing::TemporaryFolder folder;
  for (const char* offset : {"-1", "1001", "2147483647"}) {
    folder.write("scheduler/scheduler_config.json",
                 fmt::format(R"({{"steps_offset": {}}})", offset));
    EXPECT_THAT(message_of(ErrorCode::kInvalidFile,
                           [&] { ldm_config_from_hugging_face(folder.path(), weights); }),
                HasSubstr(offset));
  }
}

TEST(LdmConfig, HuggingFaceSettingThatIsNotBuiltIsRefusedByName) {
  const Weights weights = open_model_weights(testing::ldm_mini_hf());
  const testing::TemporaryFolder folder;
  folder.write("unet/config.json", R"({"act_fn": "gelu"})");
  EXPECT_THAT(message_of(ErrorCode::kUnsupported,
                         [&] { ldm_config_from_hugging_face(folder.path(), weights); }),
              HasSubstr("act_fn"));
  folder.write("unet/config.json", R"({"attention_head_dim": "eight"})");
  message_of(ErrorCode::kInvalidFile,
             [&] { ldm_config_from_hugging_face(folder.path(), weights); });
  folder.write("unet/config.json", "[");
  message_of(ErrorCode::kInvalidFile,
             [&] { ldm_config_from_hugging_face(folder.path(), weights); });
}

}  // namespace
}  // namespace easel
