// Settings as other programs put them into pictures.

#include "recipe/readers/programs.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "recipe/forms.h"

namespace easel {
namespace {

using ::testing::Contains;
using ::testing::Pair;

ImageMetadata with_texts(std::vector<NamedText> texts) { return {.texts = std::move(texts)}; }
ImageMetadata with_parameters(std::string text) { return {.parameters = std::move(text)}; }

Provenance read(const ImageMetadata& metadata) {
  const auto provenance = provenance_of(metadata);
  EXPECT_TRUE(provenance);
  return provenance.value_or(Provenance());
}

struct Wanted {
  std::string prompt;
  std::string negative;
  int steps = 0;
  std::string sampler;
  double scale = 0;
  std::uint64_t seed = 0;
  Image::Size size;
};

void expect(const Provenance& provenance, const Wanted& wanted) {
  const Recipe& recipe = provenance.recipe;
  EXPECT_EQ(recipe.prompt, wanted.prompt);
  EXPECT_EQ(recipe.negative, wanted.negative);
  EXPECT_EQ(diffusion_of(recipe).steps, wanted.steps);
  EXPECT_EQ(diffusion_of(recipe).sampler, wanted.sampler);
  EXPECT_EQ(diffusion_of(recipe).scale, wanted.scale);
  EXPECT_EQ(recipe.seed.seed, wanted.seed);
  EXPECT_EQ(recipe.size, wanted.size);
}

// As ComfyUI 0.3 writes it: a list of NaN too, which is no JSON.
constexpr const char* kComfyPrompt = R"({
 "3": {"class_type": "KSampler", "inputs": {"seed": 1234567890123, "steps": 28, "cfg": 6.5,
   "sampler_name": "dpmpp_2m", "scheduler": "karras", "denoise": 1.0, "model": ["10", 0],
   "positive": ["40", 0], "negative": ["40", 1], "latent_image": ["5", 0]}},
 "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd/v1-5-pruned.ckpt"}},
 "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 768, "batch_size": 1}},
 "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a lighthouse", "clip": ["4", 1]}},
 "7": {"class_type": "CLIPTextEncode", "inputs": {"text": ["12", 0], "clip": ["4", 1]}},
 "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]},
   "is_changed": [NaN]},
 "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "ComfyUI", "images": ["8", 0]}},
 "10": {"class_type": "LoraLoader", "inputs": {"lora_name": "detail.safetensors",
   "strength_model": 0.8, "model": ["4", 0], "clip": ["4", 1]}},
 "12": {"class_type": "PrimitiveString", "inputs": {"value": "fog"}},
 "40": {"class_type": "ControlNetApplyAdvanced", "inputs": {"positive": ["6", 0],
   "negative": ["7", 0], "control_net": ["41", 0], "strength": 0.7}}})";

TEST(ComfyUi, saysWhatItsSamplerNodeWasGiven) {
  const Provenance provenance = read(with_texts({{"prompt", kComfyPrompt}}));
  expect(provenance, {.prompt = "a lighthouse",
                      .negative = "fog",
                      .steps = 28,
                      .sampler = "dpmpp-2m-karras",
                      .scale = 6.5,
                      .seed = 1234567890123,
                      .size = {512, 768}});
  EXPECT_EQ(provenance.recipe.model.name, "v1-5-pruned");
  EXPECT_EQ(provenance.version, "ComfyUI");
  EXPECT_THAT(provenance.others, Contains(Pair("LoraLoader lora_name", "detail.safetensors")));
  EXPECT_THAT(provenance.others, Contains(Pair("ControlNetApplyAdvanced strength", "0.7")));
}

TEST(ComfyUi, beginsWithTheFirstOfTwoSamplers) {
  std::string two = kComfyPrompt;
  two.insert(two.rfind('}'), R"(, "31": {"class_type": "KSampler", "inputs": {"seed": 5,
   "steps": 14, "cfg": 8, "sampler_name": "euler", "scheduler": "normal", "denoise": 0.5,
   "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["30", 0]}},
   "30": {"class_type": "LatentUpscale", "inputs": {"samples": ["3", 0], "width": 1024}})");
  const std::string from = R"("samples": ["3", 0], "vae")";
  two.replace(two.find(from), from.size(), R"("samples": ["31", 0], "vae")");
  const Provenance provenance = read(with_texts({{"prompt", two}}));
  EXPECT_EQ(provenance.recipe.seed.seed, 1234567890123u);
  EXPECT_EQ(provenance.recipe.size, (Image::Size{512, 768}));
  EXPECT_THAT(provenance.others, Contains(Pair("KSampler 31 denoise", "0.5")));
}

TEST(ComfyUi, hasASamplerOfSeveralNodes) {
  const Provenance provenance = read(with_texts({{"prompt", R"({
 "1": {"class_type": "SamplerCustomAdvanced", "inputs": {"noise": ["2", 0], "guider": ["3", 0],
   "sampler": ["4", 0], "sigmas": ["5", 0], "latent_image": ["6", 0]}},
 "2": {"class_type": "RandomNoise", "inputs": {"noise_seed": ["20", 0]}},
 "20": {"class_type": "PrimitiveInt", "inputs": {"value": 77}},
 "3": {"class_type": "CFGGuider", "inputs": {"cfg": 4.5, "positive": ["7", 0],
   "negative": ["8", 0], "model": ["9", 0]}},
 "4": {"class_type": "KSamplerSelect", "inputs": {"sampler_name": "dpmpp_2m"}},
 "5": {"class_type": "KarrasScheduler", "inputs": {"steps": 12, "sigma_max": 14.6}},
 "6": {"class_type": "EmptySD3LatentImage", "inputs": {"width": 1024, "height": 640}},
 "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "pos", "clip": ["9", 1]}},
 "8": {"class_type": "ConditioningZeroOut", "inputs": {"conditioning": ["7", 0]}},
 "9": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "x.safetensors"}}})"}}));
  expect(provenance, {.prompt = "pos",
                      .negative = "",
                      .steps = 12,
                      .sampler = "dpmpp-2m-karras",
                      .scale = 4.5,
                      .seed = 77,
                      .size = {1024, 640}});
}

TEST(ComfyUi, isReadFromItsPagesWorkflowWhereThatIsAll) {
  const Provenance provenance = read(with_texts({{"workflow", R"({"nodes": [
 {"id": 3, "type": "KSampler", "inputs": [{"name": "model", "link": 1},
   {"name": "positive", "link": 4}, {"name": "negative", "link": 6},
   {"name": "latent_image", "link": 2}],
   "widgets_values": [99, "randomize", 20, 8, "euler_ancestral", "normal", 1]},
 {"id": 4, "type": "CheckpointLoaderSimple", "widgets_values": ["a.ckpt"]},
 {"id": 5, "type": "EmptyLatentImage", "widgets_values": [640, 512, 1]},
 {"id": 6, "type": "CLIPTextEncode", "widgets_values": ["a red ball"]},
 {"id": 7, "type": "CLIPTextEncode", "widgets_values": ["blurry"]}],
 "links": [[1, 4, 0, 3, 0, "MODEL"], [2, 5, 0, 3, 3, "LATENT"], [4, 6, 0, 3, 1, "CONDITIONING"],
   [6, 7, 0, 3, 2, "CONDITIONING"]]})"}}));
  expect(provenance, {.prompt = "a red ball",
                      .negative = "blurry",
                      .steps = 20,
                      .sampler = "euler-a",
                      .scale = 8,
                      .seed = 99,
                      .size = {640, 512}});
  EXPECT_EQ(provenance.recipe.model.name, "a");
}

// Links in a circle, and links that branch at every node.
TEST(ComfyUi, endsForGraphsThatDoNot) {
  std::string json = R"({"0": {"class_type": "KSampler", "inputs": {"seed": ["1", 0],
    "noise_seed": ["1", 0], "positive": ["0", 0], "latent_image": ["0", 0]}})";
  for (int i = 1; i < 60; ++i) {
    const std::string next = std::to_string(i == 59 ? 1 : i + 1);
    json += ", \"" + std::to_string(i) + R"(": {"class_type": "X", "inputs": {"seed": [")" + next +
            R"(", 0], "noise_seed": [")" + next + R"(", 0], "text": [")" + next + R"(", 0]}})";
  }
  EXPECT_TRUE(provenance_of(with_texts({{"prompt", json + "}"}})));
}

TEST(InvokeAi, isReadInItsThreeForms) {
  const Provenance now = read(with_texts({{"invokeai_metadata", R"({"app_version": "3.7.0",
 "positive_prompt": "a fox", "negative_prompt": "snow", "width": 512, "height": 640, "seed": 42,
 "rand_device": "cpu", "cfg_scale": 7.5, "steps": 30, "scheduler": "dpmpp_2m_k",
 "model": {"model_name": "dreamshaper-8", "base_model": "sd-1"}})"}}));
  expect(now, {.prompt = "a fox",
               .negative = "snow",
               .steps = 30,
               .sampler = "dpmpp-2m-karras",
               .scale = 7.5,
               .seed = 42,
               .size = {512, 640}});
  EXPECT_EQ(now.recipe.model.name, "dreamshaper-8");
  EXPECT_EQ(now.version, "InvokeAI 3.7.0");
  EXPECT_THAT(now.others, Contains(Pair("rand_device", "cpu")));

  const Wanted cat{.prompt = "a cat",
                   .negative = "dog",
                   .steps = 50,
                   .sampler = "euler-a",
                   .scale = 7.5,
                   .seed = 3,
                   .size = {512, 640}};
  const Provenance before = read(with_texts({{"sd-metadata", R"({"model_weights": "sd-1.5",
 "model_hash": "cc6cb27103", "app_version": "2.3.0", "image": {"prompt":
 [{"prompt": "a cat [dog]", "weight": 1}], "steps": 50, "cfg_scale": 7.5, "height": 640,
 "width": 512, "seed": 3, "sampler": "k_euler_a", "perlin": 0.5}})"}}));
  expect(before, cat);
  EXPECT_EQ(before.recipe.model.sha256, "cc6cb27103");
  EXPECT_THAT(before.others, Contains(Pair("perlin", "0.5")));
  expect(
      read(with_texts({{"Dream", "\"a cat [dog]\" -s 50 -S 3 -W 512 -H 640 -C 7.5 -A k_euler_a"}})),
      cat);
}

TEST(NovelAi, isReadFromItsComment) {
  const Provenance provenance = read(with_texts(
      {{"Description", "1girl"},
       {"Software", "NovelAI"},
       {"Source", "Stable Diffusion XL C1E1DE52"},
       {"Comment", R"({"prompt": "1girl", "steps": 28, "height": 1216, "width": 832, "scale": 5.0,
         "cfg_rescale": 0.2, "seed": 9, "noise_schedule": "karras", "sampler": "k_dpmpp_2m",
         "uc": "lowres"})"}}));
  expect(provenance, {.prompt = "1girl",
                      .negative = "lowres",
                      .steps = 28,
                      .sampler = "dpmpp-2m-karras",
                      .scale = 5,
                      .seed = 9,
                      .size = {832, 1216}});
  EXPECT_THAT(provenance.others, Contains(Pair("cfg_rescale", "0.2")));
}

TEST(Fooocus, isReadInBothItsSchemes) {
  const Provenance json = read(with_parameters(R"json({"base_model": "juggernaut",
 "base_model_hash": "aeb7e9e689", "guidance_scale": 4.0, "negative_prompt": "bad",
 "prompt": "a house", "resolution": "(1152, 896)", "sampler": "dpmpp_2m_sde_gpu",
 "scheduler": "karras", "seed": "555", "sharpness": 2.0, "steps": 30,
 "styles": "['Fooocus V2']", "version": "Fooocus v2.3.0"})json"));
  EXPECT_EQ(json.recipe.prompt, "a house");
  EXPECT_EQ(json.recipe.negative, "bad");
  EXPECT_EQ(json.recipe.seed.seed, 555u);
  EXPECT_EQ(json.recipe.size, (Image::Size{1152, 896}));
  EXPECT_EQ(json.recipe.model.name, "juggernaut");
  EXPECT_EQ(json.version, "Fooocus v2.3.0");
  EXPECT_THAT(to_parameters(json), ::testing::HasSubstr("DPM++ 2M SDE Karras"));
  EXPECT_THAT(json.others, Contains(Pair("styles", "['Fooocus V2']")));
  const Provenance text = read(with_parameters(
      "a house\nNegative prompt: bad\nSteps: 30, Sampler: DPM++ 2M, Seed: 555, Size: 1152x896, "
      "CFG scale: 4, Sharpness: 2, ADM Guidance: \"(1.5, 0.8, 0.3)\", Version: Fooocus v2.3.0"));
  EXPECT_EQ(text.recipe.seed.seed, 555u);
  EXPECT_THAT(text.others, Contains(Pair("ADM Guidance", "(1.5, 0.8, 0.3)")));
}

TEST(EasyDiffusion, isReadFromTextsOrJsonUnderEitherNames) {
  const Wanted boat{.prompt = "boat",
                    .negative = "car",
                    .steps = 25,
                    .sampler = "euler-a",
                    .scale = 7.5,
                    .seed = 12,
                    .size = {512, 640}};
  expect(read(with_texts({{"prompt", "boat"},
                          {"negative_prompt", "car"},
                          {"seed", "12"},
                          {"width", "512"},
                          {"height", "640"},
                          {"num_inference_steps", "25"},
                          {"guidance_scale", "7.5"},
                          {"sampler_name", "euler_a"}})),
         boat);
  const Provenance shown = read(with_parameters(R"({"Prompt": "boat", "Negative Prompt": "car",
 "Seed": 12, "Width": 512, "Height": 640, "Steps": 25, "Guidance Scale": 7.5, "Sampler": "euler_a",
 "Stable Diffusion model": "sd-v1-4", "Use Upscaling": "RealESRGAN_x4plus"})"));
  expect(shown, boat);
  EXPECT_EQ(shown.recipe.model.name, "sd-v1-4");
  EXPECT_THAT(shown.others, Contains(Pair("Use Upscaling", "RealESRGAN_x4plus")));
}

TEST(SwarmUi, isReadFromItsParameters) {
  const Provenance provenance = read(with_parameters(R"({"sui_image_params": {"prompt": "tree",
 "negativeprompt": "rock", "model": "Official/sd_xl_base_1.0", "seed": 88, "steps": 20,
 "cfgscale": 7.0, "width": 1024, "height": 768, "sampler": "dpmpp_2m", "scheduler": "karras",
 "aspectratio": "4:3", "swarm_version": "0.6.1.0"}, "sui_extra_data": {"date": "2024"}})"));
  expect(provenance, {.prompt = "tree",
                      .negative = "rock",
                      .steps = 20,
                      .sampler = "dpmpp-2m-karras",
                      .scale = 7,
                      .seed = 88,
                      .size = {1024, 768}});
  EXPECT_EQ(provenance.recipe.model.name, "sd_xl_base_1.0");
  EXPECT_THAT(provenance.others, Contains(Pair("aspectratio", "4:3")));
  EXPECT_THAT(provenance.others, Contains(Pair("sui_extra_data", R"({"date":"2024"})")));
}

TEST(StableDiffusionCpp, saysTheScheduleBehindTheSampler) {
  const auto sampler_of = [](const std::string& sampler) {
    return read(
        with_parameters("a field\nSteps: 30, CFG scale: 5.000000, Seed: 1, Size: 64x64, "
                        "RNG: cuda, Sampler: " +
                        sampler + ", Version: stable-diffusion.cpp"));
  };
  EXPECT_EQ(diffusion_of(sampler_of("dpm++2m karras").recipe).sampler, "dpmpp-2m-karras");
  EXPECT_EQ(diffusion_of(sampler_of("euler_a discrete").recipe).sampler, "euler-a");
  const Provenance ays = sampler_of("euler ays");
  EXPECT_EQ(diffusion_of(ays.recipe).sampler, "euler");
  EXPECT_THAT(ays.others, Contains(Pair("Schedule type", "ays")));
  EXPECT_THAT(ays.others, Contains(Pair("RNG", "cuda")));
}

TEST(Automatic1111, mayHaveLinesAfterItsSettings) {
  const Provenance provenance = read(with_parameters(
      "a cat\nNegative prompt: dog\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5, "
      "Size: 64x32, Model: m\nTemplate: a {cat|dog}\nNegative Template: dog, fog"));
  expect(provenance, {.prompt = "a cat",
                      .negative = "dog",
                      .steps = 20,
                      .sampler = "euler-a",
                      .scale = 7,
                      .seed = 5,
                      .size = {64, 32}});
  EXPECT_EQ(provenance.recipe.templates.prompt, "a {cat|dog}");
  EXPECT_EQ(provenance.recipe.templates.negative, "dog, fog");
}

TEST(Automatic1111, isFoundInAJpegsCommentAndInXmp) {
  const std::string text = "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5, Size: 64x32";
  EXPECT_EQ(read(with_texts({{"Comment", text}})).recipe.seed.seed, 5u);
  ImageMetadata xmp;
  xmp.xmp =
      "<rdf:Description><dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">a cat &amp; "
      "dog\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5, Size: 64x32</rdf:li>"
      "</rdf:Alt></dc:description></rdf:Description>";
  EXPECT_EQ(read(xmp).recipe.prompt, "a cat & dog");
  xmp.xmp =
      "<rdf:Description exif:UserComment='{\"c\": \"a fox\", \"uc\": \"\", \"steps\": 9, "
      "\"sampler\": \"DPM++ 2M Karras\", \"scale\": 5, \"seed\": 8, \"size\": \"64x32\"}'/>";
  EXPECT_EQ(diffusion_of(read(xmp).recipe).sampler, "dpmpp-2m-karras");
  EXPECT_EQ(read(xmp).recipe.seed.seed, 8u);
}

TEST(Automatic1111, isFoundInTheRestOfALongXmpPacket) {
  const ImageMetadata metadata = with_texts(
      {{"XMP extension",
        "<rdf:Description><dc:description><rdf:Alt><rdf:li>a cat\nSteps: 20, Sampler: Euler a, "
        "CFG scale: 7, Seed: 5, Size: 64x32</rdf:li></rdf:Alt></dc:description>"
        "</rdf:Description>"}});
  EXPECT_EQ(read(metadata).recipe.seed.seed, 5u);
  EXPECT_EQ(read(metadata).recipe.prompt, "a cat");
}

TEST(NoProgram, isSeenInOtherTexts) {
  EXPECT_FALSE(provenance_of(with_texts({{"Comment", "CREATOR: gd-jpeg v1.0"},
                                         {"Software", "Adobe ImageReady"},
                                         {"prompt", "[1, 2"},
                                         {"workflow", "{}"}})));
}

// Every reader is asked with everything that could be there, broken in every way that costs little.
TEST(Programs, readAnyText) {
  const std::vector<std::string> texts = {kComfyPrompt,
                                          R"({"nodes": [{"type": 3}], "links": [[1]]})",
                                          R"({"image": {"prompt": [1, {"prompt": 2}]}})",
                                          R"({"sui_image_params": {"seed": [1]}})",
                                          R"json({"base_model": {}, "resolution": "(("})json",
                                          "[[[[",
                                          "\"",
                                          "-s"};
  for (const std::string& whole : texts) {
    for (std::size_t length = 0; length <= whole.size(); length += 1 + whole.size() / 40) {
      const std::string text = whole.substr(0, whole.size() - length);
      ImageMetadata metadata{.parameters = text, .xmp = text};
      for (const char* key : {"prompt", "workflow", "invokeai_metadata", "sd-metadata", "Dream",
                              "Comment", "Description", "Software"}) {
        metadata.texts.push_back({key, key == std::string("Software") ? "NovelAI" : text});
      }
      for (const readers::Program& program : readers::programs()) program.read(metadata);
    }
  }
}

}  // namespace
}  // namespace easel
